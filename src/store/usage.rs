//! Reading the books.
