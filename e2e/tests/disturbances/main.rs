//! TODO by its branch
