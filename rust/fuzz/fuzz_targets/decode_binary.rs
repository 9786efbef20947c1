//! The Binary decoders of every object.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::{Encoded, Form, check_decoder};

fuzz_target!(|input: Encoded<'_>| check_decoder(Form::Binary, input));
