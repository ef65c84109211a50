"""The document is true: requests made from it find no failure, no answer that it does not tell, and nothing that is
taken although it should be refused."""

import json
import subprocess
import sys
import urllib.request

MODELS = ["sandbox/echo", "sandbox/think", "sandbox/tools", "sandbox/cite", "sandbox/embed"]
EXAMPLES = 12  # for each operation


def widened(document: dict) -> dict:
    """The document with what is read beside what it tells (it says so in its first paragraphs): numbers in strings,
    null for what is left out, full names and numbers of enums. And with models that answer."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for field, inner in schema.get("properties", {}).items():
            if field == "model" and name.endswith(("ChatRequest", "EmbedRequest", "EmbeddingsRequest")):
                inner["enum"] = MODELS
            elif not name.startswith("OpenAi"):
                optional = [] if field in schema.get("required", []) else [{"type": "null"}]
                schema["properties"][field] = {"anyOf": [widened_value(inner), *optional]}
        if "enum" in schema and not name.startswith("OpenAi"):
            prefix = "".join("_" + letter if letter.isupper() else letter.upper() for letter in name).lstrip("_") + "_"
            words = ["unspecified", *schema["enum"]]
            schemas[name] = {"enum": [*words, *[prefix + word.upper() for word in words], *range(len(words))]}
    # Parts that hold parts would be made without end.
    schemas["ToolResult"]["properties"]["content"] = {"type": "string"}
    # The key may come in either of two headers, and schemathesis leaves out but one of them.
    document["security"] = [{"bearer": []}]
    # A deadline that passes is a 504, which would look like a failure.
    timeout = {"$ref": "#/components/parameters/RequestTimeout"}
    for operation in [operation for path in document["paths"].values() for operation in path.values()]:
        operation["parameters"] = [one for one in operation.get("parameters", []) if one != timeout]
        # The document tells of a stream as the text that it is; schemathesis would hold each event against that.
        for answer in operation["responses"].values():
            answer.get("content", {}).get("text/event-stream", {}).pop("schema", None)
    return document


def widened_value(schema: dict) -> dict:
    if schema.get("type") == "array":
        return {**schema, "items": widened_value(schema["items"])}
    if isinstance(schema.get("additionalProperties"), dict):
        return {**schema, "additionalProperties": widened_value(schema["additionalProperties"])}
    if schema.get("type") in ("integer", "number"):
        return {"anyOf": [schema, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}]}
    if schema.get("format") in ("int64", "uint64"):
        return {"anyOf": [schema, {"type": "integer"}]}
    return schema


def test_what_the_document_tells_is_what_happens(gateway, tmp_path):
    with urllib.request.urlopen(f"{gateway.url}/openapi.json") as answer:
        document = widened(json.load(answer))
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(file), f"--url={gateway.url}",
        f"--header=Authorization: Bearer {gateway.key}", "--phases=fuzzing", "--mode=all", f"--max-examples={EXAMPLES}",
        "--workers=2", "--generation-deterministic", "--no-shrink", "--request-timeout=20", "--no-color",
        # How well it makes requests up is not the subject.
        "--suppress-health-check=all",
        # It asks providers, and there is none.
        "--exclude-operation-id=refreshModels",
        # What makes sense is more than a schema can say, such as a page token that is one.
        "--exclude-checks=positive_data_acceptance",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
