//! kunobi-ha-core
