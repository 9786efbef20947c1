//! The definitions of tallystick's table, as the installed package ships them.
#![allow(dead_code, unreachable_pub)]

include!(concat!(env!("OUT_DIR"), "/tallystick_hash.rs"));
