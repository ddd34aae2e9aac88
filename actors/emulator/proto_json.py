"""Reads a request the way Google's front end does: proto-JSON by the published messages.

Both spellings of a field (camelCase, snake_case) and both forms of an enum (name, number) are taken; an
unknown field or an ill-typed value is refused with the very ``fieldViolations`` that the real service
sends. The tables below are the fields of ``google.ai.generativelanguage.v1beta`` plus the newer ones that
the SDKs send (``store``, ``imageSize``, ``speechMetadata``, ``voice`` …). Google's own Python protobufs
were rejected for this: the release that can be installed beside google-generativeai lacks half of those
fields.
"""

import re
from typing import Any

from actors.emulator.errors import Refused, violations

TYPES = ("TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
RESPONSE_MODALITIES = ("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO")
ENUMS = {"Type": TYPES, "Modality": RESPONSE_MODALITIES}

# A field's type is a scalar name, "any", an enum, a message, "[x]" for a list, or "{x}" for a map of x.
MESSAGES: dict[str, dict[str, str]] = {
    "GenerateContentRequest": {
        "model": "string",
        "contents": "[Content]",
        "systemInstruction": "Content",
        "tools": "any",
        "toolConfig": "any",
        "safetySettings": "any",
        "generationConfig": "GenerationConfig",
        "cachedContent": "string",
        "store": "bool",
        "serviceTier": "any",
    },
    "CountTokensRequest": {
        "model": "string",
        "contents": "[Content]",
        "generateContentRequest": "GenerateContentRequest",
    },
    "Content": {"parts": "[Part]", "role": "string"},
    "Part": {
        "text": "string",
        "inlineData": "Blob",
        "fileData": "any",
        "functionCall": "any",
        "functionResponse": "any",
        "executableCode": "any",
        "codeExecutionResult": "any",
        "videoMetadata": "any",
        "thought": "bool",
        "thoughtSignature": "string",
        "partMetadata": "any",
        "mediaResolution": "any",
        "speechMetadata": "SpeechMetadata",
    },
    "Blob": {"mimeType": "string", "data": "string"},
    "SpeechMetadata": {"speaker": "string", "style": "string"},
    "GenerationConfig": {
        "candidateCount": "number",
        "stopSequences": "any",
        "maxOutputTokens": "number",
        "temperature": "number",
        "topP": "number",
        "topK": "number",
        "seed": "number",
        "responseMimeType": "string",
        "responseFormat": "any",
        "responseSchema": "Schema",
        "responseJsonSchema": "any",
        "responseJsonSchemaOrdered": "any",
        "presencePenalty": "number",
        "frequencyPenalty": "number",
        "responseLogprobs": "bool",
        "logprobs": "number",
        "enableEnhancedCivicAnswers": "bool",
        "responseModalities": "[Modality]",
        "speechConfig": "SpeechConfig",
        "thinkingConfig": "ThinkingConfig",
        "imageConfig": "ImageConfig",
        "mediaResolution": "any",
    },
    "ThinkingConfig": {"includeThoughts": "bool", "thinkingBudget": "number", "thinkingLevel": "any"},
    "ImageConfig": {"aspectRatio": "string", "imageSize": "string"},
    "SpeechConfig": {
        "voiceConfig": "VoiceConfig",
        "multiSpeakerVoiceConfig": "MultiSpeakerVoiceConfig",
        "languageCode": "string",
    },
    "VoiceConfig": {"prebuiltVoiceConfig": "PrebuiltVoiceConfig", "voice": "string"},
    "PrebuiltVoiceConfig": {"voiceName": "string"},
    "MultiSpeakerVoiceConfig": {"speakerVoiceConfigs": "[SpeakerVoiceConfig]"},
    "SpeakerVoiceConfig": {"speaker": "string", "voiceConfig": "VoiceConfig"},
    "Schema": {
        "type": "Type",
        "format": "string",
        "title": "string",
        "description": "string",
        "nullable": "bool",
        "enum": "any",
        "items": "Schema",
        "maxItems": "number",
        "minItems": "number",
        "properties": "{Schema}",
        "required": "any",
        "minProperties": "number",
        "maxProperties": "number",
        "minimum": "number",
        "maximum": "number",
        "minLength": "number",
        "maxLength": "number",
        "pattern": "string",
        "example": "any",
        "anyOf": "[Schema]",
        "propertyOrdering": "any",
        "default": "any",
    },
}


def camel(name: str) -> str:
    """``voice_name`` -> ``voiceName``; a camelCase name is unchanged."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda letter: "_" + letter[1].lower(), name)


def read(message: str, body: Any) -> dict[str, Any]:
    """``body`` with every known field under its camelCase name and every enum by name.

    Raises Refused (400 with ``fieldViolations``) when a field is unknown or has a value of the wrong type.
    """
    found: list[tuple[str, str]] = []
    value = _value(message, body, "", found)
    if found:
        raise Refused(violations(found))
    return value if isinstance(value, dict) else {}


def _value(  # noqa: PLR0911 - one return for each kind of field
    kind: str, value: Any, path: str, found: list[tuple[str, str]]
) -> Any:
    if value is None or kind == "any":
        return value
    if kind.startswith("["):
        # Google's parser takes a lone value where a list is expected.
        items = value if isinstance(value, list) else [value]
        return [_value(kind[1:-1], item, f"{path}[{n}]", found) for n, item in enumerate(items)]
    if kind in ENUMS:
        return _enum(kind, value, path, found)
    if kind in {"string", "number", "bool"}:
        return _scalar(kind, value, path, found)
    if not isinstance(value, dict):
        found.append((path, f"Invalid value at '{path}' ({_proto(kind)}), {_quoted(value)}"))
        return None
    if kind.startswith("{"):
        pairs = enumerate(value.items())
        return {k: _value(kind[1:-1], v, f"{path}.properties[{n}].value", found) for n, (k, v) in pairs}
    return _message(kind, value, path, found)


def _message(kind: str, value: dict[str, Any], path: str, found: list[tuple[str, str]]) -> dict[str, Any]:
    fields, out = MESSAGES[kind], {}
    for given, inner in value.items():
        name = camel(given)
        if name not in fields:
            place = f" at '{path}'" if path else ""
            found.append(
                (path, f'Invalid JSON payload received. Unknown name "{given}"{place}: Cannot find field.')
            )
            continue
        # A map's entries carry the map's own name in their path, as in "schema.properties[0].value".
        below = path if fields[name].startswith("{") else f"{path}.{snake(name)}" if path else snake(name)
        out[name] = _value(fields[name], inner, below, found)
    return out


def _enum(kind: str, value: Any, path: str, found: list[tuple[str, str]]) -> str | None:
    names = ENUMS[kind]
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    if isinstance(value, str) and value.upper() in names:
        return value.upper()
    found.append((path, f"Invalid value at '{path}' ({_proto(kind)}), {_quoted(value)}"))
    return None


def _scalar(kind: str, value: Any, path: str, found: list[tuple[str, str]]) -> Any:
    if kind == "string" and isinstance(value, str):
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "number" and not isinstance(value, bool):
        if isinstance(value, int | float):
            return value
        if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
            return float(value) if "." in value else int(value)  # proto-JSON writes 64-bit numbers as text
    names = {"string": "TYPE_STRING", "bool": "TYPE_BOOL", "number": "TYPE_FLOAT"}
    found.append((path, f"Invalid value at '{path}' ({names[kind]}), {_quoted(value)}"))
    return None


def _proto(kind: str) -> str:
    return f"type.googleapis.com/google.ai.generativelanguage.v1beta.{kind.strip('{}[]')}"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


FINISH_REASONS = {
    "FINISH_REASON_UNSPECIFIED": 0,
    "STOP": 1,
    "MAX_TOKENS": 2,
    "SAFETY": 3,
    "RECITATION": 4,
    "OTHER": 5,
    "LANGUAGE": 6,
    "BLOCKLIST": 7,
    "PROHIBITED_CONTENT": 8,
    "SPII": 9,
    "MALFORMED_FUNCTION_CALL": 10,
    "IMAGE_SAFETY": 11,
    "UNEXPECTED_TOOL_CALL": 12,
    "TOO_MANY_TOOL_CALLS": 13,
    "IMAGE_PROHIBITED_CONTENT": 14,
    "IMAGE_OTHER": 15,
    "NO_IMAGE": 16,
    "IMAGE_RECITATION": 17,
}
BLOCK_REASONS = {"SAFETY": 1, "OTHER": 2, "BLOCKLIST": 3, "PROHIBITED_CONTENT": 4, "IMAGE_SAFETY": 5}
CONTENT_MODALITIES = {"TEXT": 1, "IMAGE": 2, "VIDEO": 3, "AUDIO": 4, "DOCUMENT": 5}
ANSWER_ENUMS = {
    "finishReason": FINISH_REASONS,
    "blockReason": BLOCK_REASONS,
    "modality": CONTENT_MODALITIES,
}


def with_integer_enums(answer: Any) -> Any:
    """The same answer with enums as numbers; a reason newer than the published protobufs keeps its name."""
    if isinstance(answer, list):
        return [with_integer_enums(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        key: ANSWER_ENUMS[key].get(value, value)
        if key in ANSWER_ENUMS and isinstance(value, str)
        else with_integer_enums(value)
        for key, value in answer.items()
    }
