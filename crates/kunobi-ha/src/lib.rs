//! kunobi-ha
