//! The smallest contract that has a claim: no standard library, no dependencies, three functions.
//!
//! near-sdk makes the same JSON out of the same variables (see `NEP330_*` below).

#![no_std]

#[link(wasm_import_module = "env")]
extern "C" {
    fn input(register_id: u64);
    fn read_register(register_id: u64, ptr: u64);
    fn register_len(register_id: u64) -> u64;
    fn storage_read(key_len: u64, key_ptr: u64, register_id: u64) -> u64;
    fn storage_write(
        key_len: u64,
        key_ptr: u64,
        value_len: u64,
        value_ptr: u64,
        register_id: u64,
    ) -> u64;
    fn value_return(value_len: u64, value_ptr: u64);
}

const REGISTER: u64 = 0;
const KEY: &[u8] = b"STATE";

/// What the contract claims about itself, put together when it is compiled.
#[cfg(not(any(feature = "no-metadata", feature = "metadata-from-state")))]
mod claim {
    const VERSION: &str = match option_env!("NEP330_VERSION") {
        Some(version) => version,
        None => env!("CARGO_PKG_VERSION"),
    };
    const LINK: &str = match option_env!("NEP330_LINK") {
        Some(link) => link,
        None => env!("CARGO_PKG_REPOSITORY"),
    };
    /// Nobody passes the command in; cargo-near takes it from its own argv.
    const BUILD_COMMAND: &str = if cfg!(feature = "other") {
        r#"["cargo","build","--release","--locked","--target","wasm32-unknown-unknown","--features","other"]"#
    } else {
        r#"["cargo","build","--release","--locked","--target","wasm32-unknown-unknown"]"#
    };

    const PARTS: &[&str] = match option_env!("NEP330_BUILD_INFO_BUILD_ENVIRONMENT") {
        Some(build_environment) => &[
            r#"{"version":""#,
            VERSION,
            r#"","link":""#,
            LINK,
            r#"","standards":[{"standard":"nep330","version":"1.3.0"}],"build_info":{"build_environment":""#,
            build_environment,
            r#"","build_command":"#,
            BUILD_COMMAND,
            r#","contract_path":""#,
            or_nothing(option_env!("NEP330_BUILD_INFO_CONTRACT_PATH")),
            r#"","source_code_snapshot":""#,
            or_nothing(option_env!("NEP330_BUILD_INFO_SOURCE_CODE_SNAPSHOT")),
            r#"","output_wasm_path":"#,
            OUTPUT_QUOTE,
            or(option_env!("NEP330_BUILD_INFO_OUTPUT_WASM_PATH"), "null"),
            OUTPUT_QUOTE,
            "}}",
        ],
        None => &[
            r#"{"version":""#,
            VERSION,
            r#"","link":""#,
            LINK,
            r#"","standards":[{"standard":"nep330","version":"1.3.0"}],"build_info":null}"#,
        ],
    };
    const OUTPUT_QUOTE: &str = match option_env!("NEP330_BUILD_INFO_OUTPUT_WASM_PATH") {
        Some(_) => "\"",
        None => "",
    };

    pub static JSON: [u8; length()] = joined();

    const fn or_nothing(value: Option<&'static str>) -> &'static str {
        or(value, "")
    }

    const fn or(value: Option<&'static str>, otherwise: &'static str) -> &'static str {
        match value {
            Some(value) => value,
            None => otherwise,
        }
    }

    const fn length() -> usize {
        let (mut length, mut part) = (0, 0);
        while part < PARTS.len() {
            length += PARTS[part].len();
            part += 1;
        }
        length
    }

    const fn joined() -> [u8; length()] {
        let mut bytes = [0; length()];
        let (mut at, mut part) = (0, 0);
        while part < PARTS.len() {
            let text = PARTS[part].as_bytes();
            let mut byte = 0;
            while byte < text.len() {
                bytes[at] = text[byte];
                at += 1;
                byte += 1;
            }
            part += 1;
        }
        bytes
    }
}

/// NEP-330.
#[cfg(not(any(feature = "no-metadata", feature = "metadata-from-state")))]
#[no_mangle]
pub extern "C" fn contract_source_metadata() {
    let json = &claim::JSON;
    unsafe { value_return(json.len() as u64, json.as_ptr() as u64) }
}

/// NEP-330 as a contract would answer it that says whatever it was last told.
#[cfg(feature = "metadata-from-state")]
#[no_mangle]
pub extern "C" fn contract_source_metadata() {
    get();
}

/// Returns what was last set: nothing at first.
#[no_mangle]
pub extern "C" fn get() {
    let mut value = [0_u8; 4096];
    let mut length = 0;
    unsafe {
        if storage_read(KEY.len() as u64, KEY.as_ptr() as u64, REGISTER) == 1 {
            length = register_len(REGISTER);
            assert!(length <= value.len() as u64);
            read_register(REGISTER, value.as_mut_ptr() as u64);
        }
        if cfg!(feature = "other") {
            value[..length as usize].reverse();
        }
        value_return(length, value.as_ptr() as u64);
    }
}

/// Keeps the input, as it is.
#[no_mangle]
pub extern "C" fn set() {
    let mut value = [0_u8; 4096];
    unsafe {
        input(REGISTER);
        let length = register_len(REGISTER);
        assert!(length <= value.len() as u64);
        read_register(REGISTER, value.as_mut_ptr() as u64);
        storage_write(
            KEY.len() as u64,
            KEY.as_ptr() as u64,
            length,
            value.as_ptr() as u64,
            REGISTER,
        );
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
