//! Turns the contract into code: messages and services, their ProtoJSON, and the descriptor set for reflection.

use std::{env, fmt::Write as _, fs, path::PathBuf};

use prost_types::{DescriptorProto, FileDescriptorSet};

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

    // The annotations of googleapis and what they rest on are for readers of the contract, not for our code.
    let mut ours = compiler.include_source_info(true).file_descriptor_set();
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
    let enums = enum_paths(&ours);
    json.exclude(enums.iter().map(|path| format!(".gateway.v1.{path}")));
    json.exclude(HAND_WRITTEN_JSON.map(|name| format!(".gateway.v1.{name}")));
    json.build(&[".gateway.v1"])?;

    fs::write(out.join("gateway.v1.enums.rs"), enum_json(&enums))?;
    Ok(())
}

/// Names of all our enums, `Outer.Inner` for nested ones.
fn enum_paths(set: &FileDescriptorSet) -> Vec<String> {
    fn nested(message: &DescriptorProto, found: &mut Vec<String>) {
        found.extend(message.enum_type.iter().map(|inner| format!("{}.{}", message.name(), inner.name())));
        message.nested_type.iter().for_each(|inner| nested(inner, found));
    }
    let mut found = Vec::new();
    for file in set.file.iter().filter(|file| file.package() == "gateway.v1") {
        found.extend(file.enum_type.iter().map(|top| top.name().to_owned()));
        file.message_type.iter().for_each(|message| nested(message, &mut found));
    }
    found
}

/// JSON of enums as this field's APIs write it: `ROLE_USER` is `"user"`. Nested enums are not used by the contract.
fn enum_json(enums: &[String]) -> String {
    let mut code = String::new();
    for name in enums {
        assert!(!name.contains('.'), "{name}: declare enums at the top of a file");
        let prefix = shouting(name) + "_";
        write!(
            code,
            "impl super::ShortName for {name} {{
                const PREFIX: &'static str = {prefix:?};
                fn full_name(self) -> &'static str {{ self.as_str_name() }}
                fn from_full_name(name: &str) -> Option<Self> {{ Self::from_str_name(name) }}
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
