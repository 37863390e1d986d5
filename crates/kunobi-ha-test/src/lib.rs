//! kunobi-ha-test
