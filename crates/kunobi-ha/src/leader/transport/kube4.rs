//! The client of kube 4.

use super::adapter::{adapter, unrepeatable};

adapter!(kube4, unrepeatable);
unrepeatable!(kube4);
