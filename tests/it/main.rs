//! The one integration binary: what holds for the project as a whole.

mod architecture;
