pub mod body;
pub mod protocol;
