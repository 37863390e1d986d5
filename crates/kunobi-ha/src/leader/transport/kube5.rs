//! The client of kube 5.

use super::adapter::{adapter, unrepeatable};

adapter!(kube, unrepeatable);
unrepeatable!(kube);
