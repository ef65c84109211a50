//! Turns the contract into code: messages and services, their ProtoJSON, and descriptor sets for reflection and
//! documentation.

use std::{env, fmt::Write as _, fs, path::PathBuf};

use prost_types::{EnumDescriptorProto, FileDescriptorProto};

const SERVICES: [&str; 6] = ["chat", "embedding", "model", "project", "session", "usage"];

/// Messages whose JSON is more forgiving than ProtoJSON; it is written by hand in `pb/`.
const HAND_WRITTEN_JSON: [&str; 3] = ["Message", "ToolResult", "EmbedInput"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=web/out");
    // The web UI is embedded where it was built; without it the folder is empty and the gateway says so.
    fs::create_dir_all("web/out")?;
    #[expect(clippy::disallowed_methods, reason = "cargo tells build scripts by environment alone")]
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = SERVICES.map(|service| format!("gateway/v1/{service}_service.proto"));

    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).open_files(&files)?;
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    compiler.include_source_info(true);
    fs::write(out.join("documented.bin"), compiler.encode_file_descriptor_set())?;

    // The annotations of googleapis and what they rest on are for readers of the contract, not for our code.
    let mut ours = compiler.file_descriptor_set();
    ours.file.retain(|file| !file.name().starts_with("google/api/") && !file.name().ends_with("/descriptor.proto"));

    tonic_prost_build::configure()
        .build_transport(false)
        .bytes(".gateway.v1")
        .btree_map(".")
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "crate::pb::well_known")
        .compile_fds(ours.clone())?;

    let mut json = pbjson_build::Builder::new();
    for file in &ours.file {
        json.register_file_descriptor(file.clone());
    }
    json.preserve_proto_field_names().btree_map(["."]).extern_path(".google.protobuf", "crate::pb::well_known");
    let enums: Vec<_> = ours.file.iter().filter(|file| file.package() == "gateway.v1").flat_map(enums).collect();
    json.exclude(enums.iter().map(|known| format!(".gateway.v1.{}", known.name())));
    json.exclude(HAND_WRITTEN_JSON.map(|name| format!(".gateway.v1.{name}")));
    json.build(&[".gateway.v1"])?;

    fs::write(out.join("gateway.v1.enums.rs"), enum_json(&enums))?;
    Ok(())
}

/// The enums of a file.
fn enums(file: &FileDescriptorProto) -> &[EnumDescriptorProto] {
    let nested = file.message_type.iter().find(|message| !message.enum_type.is_empty());
    assert!(nested.is_none(), "{}: declare enums at the top of a file", nested.map_or("", |message| message.name()));
    &file.enum_type
}

/// Enums by the short names of their values, and their JSON as this field's APIs write it: `ROLE_USER` is `"user"`.
fn enum_json(enums: &[&EnumDescriptorProto]) -> String {
    let mut code = String::new();
    for known in enums {
        let (name, prefix) = (known.name(), shouting(known.name()) + "_");
        let mut names = String::new();
        for value in &known.value {
            let full = value.name();
            let short = full.strip_prefix(&prefix).unwrap_or(full).to_ascii_lowercase();
            write!(names, "({}, {full:?}, {short:?}), ", value.number()).expect("a string takes all that is written");
        }
        write!(
            code,
            "impl super::ShortName for {name} {{
                const NAMES: &'static [(i32, &'static str, &'static str)] = &[{names}];
            }}
            impl ::serde::Serialize for {name} {{
                fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {{
                    super::enums::serialize(*self, serializer)
                }}
            }}
            impl<'de> ::serde::Deserialize<'de> for {name} {{
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {{
                    super::enums::deserialize(deserializer)
                }}
            }}\n"
        )
        .expect("a string takes all that is written");
    }
    code
}

/// `FinishReason` as `FINISH_REASON`.
fn shouting(name: &str) -> String {
    let mut shouted = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            shouted.push('_');
        }
        shouted.push(letter.to_ascii_uppercase());
    }
    shouted
}
