#![doc = include_str!("../README.md")]

pub mod links;
pub mod rule;
pub mod rules;
pub mod source;
pub mod tree;
