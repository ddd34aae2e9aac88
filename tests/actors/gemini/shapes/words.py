"""Texts and JSON documents, whole and not."""

import json

from tests.actors.gemini.shapes.blocks import PROXY, Case, answer, events, refused

TEXTS = [
    Case(
        "a mark of byte order before it",
        "text",
        b"\xef\xbb\xbf" + json.dumps(answer({"text": "Hi."})).encode(),
        {"text": "Hi."},
    ),
    Case(
        "space and lines around it",
        "text",
        b"\n\n  " + json.dumps(answer({"text": "Hi."})).encode() + b"\r\n",
        {"text": "Hi."},
    ),
    Case(
        "several parts",
        "text",
        answer({"text": "One, "}, {"text": ""}, {"text": "two."}),
        {"text": "One, two."},
    ),
    Case(
        "a thought before it",
        "text",
        answer({"text": "Hm.", "thought": True, "thoughtSignature": "x" * 99}, {"text": "Hi."}),
        {"text": "Hi."},
    ),
    Case("a part of null text", "text", answer({"text": None}, {"text": "Hi."}), {"text": "Hi."}),
    Case(
        "a part that is no object",
        "text",
        {"candidates": [{"content": {"parts": ["?", {"text": "Hi."}]}}]},
        {"text": "Hi.", "finish": None},
    ),
    Case(
        "a part of a kind not known yet",
        "text",
        answer({"hologram": {"depth": 3}}, {"text": "Hi."}),
        {"text": "Hi."},
    ),
    Case("code beside it", "text", answer({"executableCode": {"code": "1+1"}}, {"text": "2"}), {"text": "2"}),
    Case(
        "no use told",
        "text",
        answer({"text": "Hi."}),
        {"text": "Hi.", "tokens": {}, "output": 0, "version": "gemini-shaped-001"},
    ),
    Case(
        "nothing told but the words",
        "text",
        {"candidates": [{"content": {"parts": [{"text": "Hi."}]}}]},
        {"text": "Hi.", "version": None, "response_id": None, "finish": None},
    ),
    Case(
        "an unspecified end",
        "text",
        answer({"text": "Hi."}, finish="FINISH_REASON_UNSPECIFIED"),
        {"text": "Hi.", "finish": None},
    ),
    Case(
        "an unspecified end as a number",
        "text",
        answer({"text": "Hi."}, finish=0),
        {"text": "Hi.", "finish": None},
    ),
    Case("an end as a number", "text", answer({"text": "Hi."}, finish=1), {"text": "Hi.", "finish": "STOP"}),
    Case("a null error beside it", "text", answer({"text": "Hi."}, error=None), {"text": "Hi."}),
    Case(
        "feedback on the prompt that blocks nothing",
        "text",
        answer({"text": "Hi."}, promptFeedback={"safetyRatings": []}),
        {"text": "Hi."},
    ),
    Case(
        "a reason to block that is unspecified",
        "text",
        answer({"text": "Hi."}, promptFeedback={"blockReason": 0}),
        {"text": "Hi."},
    ),
    Case(
        "unknown ratings and enums beside it",
        "text",
        answer({"text": "Hi."}, promptFeedback={"safetyRatings": [{"category": 99, "probability": "FAKE"}]}),
        {"text": "Hi."},
    ),
    Case(
        "counts as texts, modalities as numbers",
        "text",
        answer(
            {"text": "Hi."},
            usageMetadata={
                "candidatesTokenCount": "12",
                "candidatesTokensDetails": [{"modality": 1, "tokenCount": "12"}],
            },
        ),
        {"text": "Hi.", "output": 12, "tokens": {"TEXT": 12}},
    ),
    Case(
        "a modality not known yet",
        "text",
        answer(
            {"text": "Hi."},
            usageMetadata={
                "candidatesTokensDetails": [
                    {"modality": "SMELL", "tokenCount": 3},
                    {"modality": 77, "tokenCount": 2},
                ]
            },
        ),
        {"text": "Hi.", "tokens": {"SMELL": 3, "77": 2}},
    ),
    Case(
        "a modality told twice, and one without a count",
        "text",
        answer(
            {"text": "Hi."},
            usageMetadata={
                "candidatesTokensDetails": [
                    {"modality": "TEXT", "tokenCount": 3},
                    {"modality": "TEXT", "tokenCount": 2},
                    {"modality": "AUDIO"},
                ]
            },
        ),
        {"text": "Hi.", "tokens": {"TEXT": 5, "AUDIO": 0}},
    ),
    Case(
        "a second candidate",
        "text",
        answer({"text": "Hi."})
        | {"candidates": [*answer({"text": "Hi."})["candidates"], *answer({"text": "Ho."})["candidates"]]},
        {"text": "Hi."},
    ),
    Case(
        "every language",
        "text",
        answer({"text": "Grüße, 世界, שלום, नमस्ते 🎬"}),
        {"text": "Grüße, 世界, שלום, नमस्ते 🎬"},
    ),
    Case(
        "UTF-8, whatever the header says",
        "text",
        json.dumps(answer({"text": "Grüße 🎬"}), ensure_ascii=False).encode(),
        {"text": "Grüße 🎬"},
        headers={"content-type": "application/json; charset=ISO-8859-1"},
    ),
    Case(
        "UTF-8 without a header",
        "text",
        json.dumps(answer({"text": "Grüße 🎬"}), ensure_ascii=False).encode(),
        {"text": "Grüße 🎬"},
        headers={},
    ),
    Case(
        "JSON sent as plain text",
        "text",
        answer({"text": "Hi."}),
        {"text": "Hi."},
        headers={"content-type": "text/plain"},
    ),
    Case(
        "fields in the other spelling",
        "text",
        {
            "candidates": [{"content": {"parts": [{"text": "Hi."}]}, "finish_reason": "STOP"}],
            "usage_metadata": {"prompt_token_count": 2, "candidates_token_count": 3, "total_token_count": 5},
            "model_version": "v",
            "response_id": "r",
        },
        {"text": "Hi.", "output": 3, "version": "v", "response_id": "r", "finish": "STOP"},
    ),
    # Streams, which only recordings hold
    Case(
        "a stream as a list",
        "text",
        [answer({"text": "One, "}, finish=None), answer({"text": "two."})],
        {"text": "One, two.", "finish": "STOP"},
    ),
    Case("a list of one", "text", [answer({"text": "Hi."})], {"text": "Hi."}),
    Case(
        "a stream of events",
        "text",
        events(answer({"text": "One, "}, finish=None), answer({"text": "two."})),
        {"text": "One, two.", "finish": "STOP"},
        headers={"content-type": "text/event-stream"},
    ),
    Case(
        "events with plain line ends, names, comments and an end mark",
        "text",
        b": ping\nevent: message\nid: 4\n"
        + events(answer({"text": "One, "}, finish=None), answer({"text": "two."}), end="\n\n")
        + b"data: [DONE]\n\n",
        {"text": "One, two."},
        headers={"content-type": "text/event-stream"},
    ),
    Case(
        "events whose words hold a line separator",
        "text",
        events(answer({"text": "One,\u2028two,\x85three."})),
        {"text": "One,\u2028two,\x85three."},
    ),
    Case(
        "counts in a last event of their own",
        "text",
        events(answer({"text": "Hi."}), {"usageMetadata": {"candidatesTokenCount": 4}}),
        {"text": "Hi.", "output": 4, "finish": "STOP"},
    ),
    Case(
        "a stream of which one event is cut",
        "text",
        events(answer({"text": "One, "}, finish=None)) + b'data: {"candidates": [{"con\r\n\r\n',
        cause="malformed_body",
    ),
    Case(
        "an error in the middle of a stream",
        "text",
        events(answer({"text": "One, "}, finish=None), refused("Internal", 500, "INTERNAL")),
        cause="provider_error",
    ),
    Case(
        "an error as bare JSON after a stream",
        "text",
        events(answer({"text": "One, "}, finish=None))
        + b'{\n "error": {\n  "code": 499, "message": "gone", "status": "CANCELLED"}\n}',
        cause="provider_error",
    ),
    # No answer
    Case(
        "usable words at the token limit",
        "text",
        answer({"text": "Once upon"}, finish="MAX_TOKENS"),
        cause="answer_truncated",
    ),
    Case(
        "usable words at a number for the token limit",
        "text",
        answer({"text": "Once upon"}, finish=2),
        cause="answer_truncated",
    ),
    Case(
        "an end not known yet",
        "text",
        answer({"text": "Hi."}, finish="COSMIC_RAY"),
        cause="unknown_finish_reason",
    ),
    Case(
        "an end not known yet, as a number",
        "text",
        answer({"text": "Hi."}, finish=4711),
        cause="unknown_finish_reason",
    ),
    Case(
        "a block beside words",
        "text",
        answer({"text": "Hi."}, promptFeedback={"blockReason": "SAFETY"}),
        cause="prompt_blocked",
    ),
    Case(
        "a block in the other spelling",
        "text",
        {"prompt_feedback": {"block_reason": "OTHER", "block_reason_message": "No."}},
        {"message": "No."},
        cause="prompt_blocked",
    ),
    Case(
        "feedback without a reason, and nothing else", "text", {"promptFeedback": {}}, cause="prompt_blocked"
    ),
    Case(
        "null candidates",
        "text",
        {"candidates": None, "usageMetadata": {"promptTokenCount": 1}},
        cause="empty_answer",
    ),
    Case("an empty body", "text", b"", cause="empty_answer"),
    Case("an empty body of status 204", "text", b"", cause="empty_answer", status=204),
    Case("blanks", "text", b" \r\n ", cause="empty_answer"),
    Case(
        "a page in place of JSON",
        "text",
        PROXY,
        cause="malformed_body",
        headers={"content-type": "text/html"},
    ),
    Case(
        "JSON that is cut", "text", json.dumps(answer({"text": "Hi."})).encode()[:-9], cause="malformed_body"
    ),
    Case(
        "another API's answer", "text", {"choices": [{"message": {"content": "Hi."}}]}, cause="malformed_body"
    ),
]

DOCUMENTS = [
    Case("words in parts", "json", answer({"text": '{"a": '}, {"text": "[1, 2]}"}), {"value": {"a": [1, 2]}}),
    Case("a fence", "json", answer({"text": '```json\n{"a": 1}\n```'}), {"value": {"a": 1}}),
    Case(
        "a fence in capitals, without lines after it",
        "json",
        answer({"text": '```JSON\r\n{"a": 1}```'}),
        {"value": {"a": 1}},
    ),
    Case(
        "a stream in pieces",
        "json",
        [answer({"text": '{"a"'}, finish=None), answer({"text": ': "ü"}'})],
        {"value": {"a": "ü"}},
    ),
    Case(
        "a thought that is JSON too",
        "json",
        answer({"text": '{"b": 2}', "thought": True}, {"text": '{"a": 1}'}),
        {"value": {"a": 1}},
    ),
    Case("an end in mid-document", "json", answer({"text": '{"a": [1, 2'}), cause="malformed_answer"),
    Case("two documents", "json", answer({"text": '{"a": 1}{"a": 2}'}), cause="malformed_answer"),
    Case(
        "a whole document at the token limit",
        "json",
        answer({"text": '{"a": 1}'}, finish="MAX_TOKENS"),
        cause="answer_truncated",
    ),
]
