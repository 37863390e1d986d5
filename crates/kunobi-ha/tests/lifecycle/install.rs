//! What a process installs only once. It is not installed where tests read the log of their own
//! thread, because from then on another thread writes the log.

use std::time::Duration;

use kunobi_ha::shutdown::{InstallError, Shutdown};

#[test]
fn a_process_has_one_and_wrong_budgets_install_nothing() {
    let wrong = Shutdown::builder().drain_budget(Duration::from_secs(60)).install().unwrap_err();
    assert!(matches!(wrong, InstallError::InvalidBudgets(_)));
    let first = Shutdown::builder().install().unwrap();
    let second = Shutdown::builder().install().unwrap_err();
    assert!(matches!(second, InstallError::AlreadyInstalled));
    assert!(second.to_string().contains("pass its handle around"), "{second}");
    drop(first);
    assert!(Shutdown::builder().install().is_err(), "its handlers are live all the same");
}
