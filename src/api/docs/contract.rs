//! The contract as its descriptor set has it: methods with their HTTP rules, fields with their behaviour, comments.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, MessageDescriptor,
    MethodDescriptor, ServiceDescriptor, Value, prost_types::FileDescriptorProto,
};

/// Streams that have no HTTP rule, and where they are.
const STREAMS: [(&str, &str); 2] =
    [("ResumeChat", "/api/v1/generations/{generation_id}/events"), ("ExportUsage", "/api/v1/usage/export")];

/// Fields of several path segments, and the names under which the router knows these.
const SPLIT: [(&str, &str); 1] = [("{id=*/*}", "{author}/{slug}")];

/// Path segments that are no field by themselves.
const SEGMENTS: [(&str, &str); 2] = [
    ("author", "The model's author, the part of its id before the slash."),
    ("slug", "The part of the model's id behind the slash."),
];

/// The contract and where its parts are found.
pub(super) struct Contract {
    pool: DescriptorPool,
    http: ExtensionDescriptor,
    behavior: ExtensionDescriptor,
    comments: HashMap<(String, Vec<i32>), String>,
}

/// A method of the contract over HTTP.
pub(super) struct Operation {
    pub(super) method: MethodDescriptor,
    /// The HTTP method in lower case.
    pub(super) verb: &'static str,
    /// The path with its parameters in braces.
    pub(super) path: String,
    /// What the body is: the whole request, one field of it, or nothing.
    pub(super) body: Option<Body>,
}

/// What of a request is its body.
pub(super) enum Body {
    /// All that is not in the path.
    Rest,
    /// One field.
    Field(FieldDescriptor),
}

impl Contract {
    /// Reads an encoded descriptor set with comments.
    pub(super) fn read(descriptors: &[u8]) -> Self {
        let pool = DescriptorPool::decode(descriptors).expect("the build wrote it");
        let extension = |name| pool.get_extension_by_name(name).expect("the contract imports it");
        let (http, behavior) = (extension("google.api.http"), extension("google.api.field_behavior"));
        let mut comments = HashMap::new();
        for file in pool.files().filter(|file| file.package_name() == "gateway.v1") {
            let proto = file.file_descriptor_proto();
            for location in proto.source_code_info.iter().flat_map(|info| &info.location) {
                if let Some(comment) = &location.leading_comments {
                    comments.insert((proto.name().to_owned(), location.path.clone()), unwrap(comment));
                }
            }
        }
        Self { pool, http, behavior, comments }
    }

    /// The contract's services.
    pub(super) fn services(&self) -> impl Iterator<Item = ServiceDescriptor> {
        self.pool.services().filter(|service| service.package_name() == "gateway.v1")
    }

    /// All methods that can be called over HTTP.
    pub(super) fn operations(&self) -> Vec<Operation> {
        let methods = self.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        methods.filter_map(|method| self.operation(method)).collect()
    }

    fn operation(&self, method: MethodDescriptor) -> Option<Operation> {
        if let Some((_, path)) = STREAMS.iter().find(|(name, _)| *name == method.name()) {
            return Some(Operation { method, verb: "get", path: (*path).to_owned(), body: None });
        }
        let options: DynamicMessage = method.options();
        let Value::Message(rule) = options.get_extension(&self.http).into_owned() else { return None };
        let text =
            |name: &str| rule.get_field_by_name(name)?.as_str().map(str::to_owned).filter(|text| !text.is_empty());
        let (verb, path) = ["get", "post", "patch", "delete"].into_iter().find_map(|verb| Some((verb, text(verb)?)))?;
        let path = SPLIT.iter().fold(path, |path, (field, segments)| path.replace(field, segments));
        let body = match text("body").as_deref() {
            None => None,
            Some("*") => Some(Body::Rest),
            Some(field) => Some(Body::Field(method.input().get_field_by_name(field).expect("the rule names a field"))),
        };
        Some(Operation { method, verb, path, body })
    }

    /// The contract's message of that name.
    pub(super) fn message(&self, name: &str) -> MessageDescriptor {
        self.pool.get_message_by_name(&format!("gateway.v1.{name}")).expect("the contract has it")
    }

    /// Whether the contract says that a request must have this field.
    pub(super) fn is_required(&self, field: &FieldDescriptor) -> bool {
        const REQUIRED: i32 = 2;
        let options = field.options();
        let behaviors = options.get_extension(&self.behavior);
        behaviors.as_list().is_some_and(|list| list.iter().any(|value| value.as_enum_number() == Some(REQUIRED)))
    }

    /// The comment above an element; empty where there is none.
    pub(super) fn comment(&self, file: &FileDescriptorProto, path: &[i32]) -> &str {
        self.comments.get(&(file.name().to_owned(), path.to_vec())).map_or("", String::as_str)
    }

    pub(super) fn of_message(&self, message: &MessageDescriptor) -> &str {
        self.comment(message.parent_file_descriptor_proto(), message.path())
    }

    pub(super) fn of_field(&self, field: &FieldDescriptor) -> &str {
        self.comment(field.parent_message().parent_file_descriptor_proto(), field.path())
    }

    pub(super) fn of_method(&self, method: &MethodDescriptor) -> &str {
        self.comment(method.parent_service().parent_file_descriptor_proto(), method.path())
    }

    /// An enum's own comment, and the short name and comment of each value that means something.
    pub(super) fn of_enum(&self, known: &EnumDescriptor) -> (&str, Vec<(String, &str)>) {
        let file = known.parent_file_descriptor_proto();
        let full: Vec<String> = known.values().map(|value| value.name().to_owned()).collect();
        // All values begin with the enum's name, as the first one's `…_UNSPECIFIED` shows.
        let prefix = full.first().and_then(|first| first.strip_suffix("UNSPECIFIED")).unwrap_or_default();
        let values = known.values().zip(&full).filter(|(value, _)| value.number() != 0);
        let values = values.map(|(value, full)| {
            let short = full.strip_prefix(prefix).unwrap_or(full).to_ascii_lowercase();
            (short, self.comment(file, value.path()))
        });
        (self.comment(file, known.path()), values.collect())
    }

    /// The values of the contract's enum of that name, with their comments.
    pub(super) fn words(&self, name: &str) -> Vec<(String, &str)> {
        let known = self.pool.get_enum_by_name(name).expect("the contract has it");
        self.of_enum(&known).1
    }
}

impl Operation {
    /// Names of the path's parameters, in order.
    pub(super) fn in_path(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Whether the path tells this field.
    pub(super) fn tells(&self, field: &str) -> bool {
        let split = SPLIT.iter().any(|(whole, segments)| {
            whole.strip_prefix('{').is_some_and(|whole| whole.starts_with(&format!("{field}=")))
                && self.path.contains(segments)
        });
        split || self.in_path().any(|name| name == field)
    }

    /// What a path parameter is.
    pub(super) fn about<'a>(&self, contract: &'a Contract, parameter: &str) -> &'a str {
        let segment = SEGMENTS.iter().find(|(name, _)| *name == parameter).map(|(_, about)| *about);
        segment.unwrap_or_else(|| {
            let field = self.method.input().get_field_by_name(parameter);
            field.map_or("", |field| contract.of_field(&field))
        })
    }
}

/// A comment without the blank before each line, its lines joined.
fn unwrap(comment: &str) -> String {
    comment.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
