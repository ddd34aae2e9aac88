"""Run by the environment with the newest protobufs: parses JSON lines strictly, answers with the errors."""

import json
import sys

from google.ai import generativelanguage_v1beta as published
from google.protobuf import json_format


def main() -> None:
    errors = []
    for line in sys.stdin:
        asked = json.loads(line)
        message = getattr(published, asked["message"])
        try:
            json_format.ParseDict(asked["body"], message.pb(message()), ignore_unknown_fields=False)
        except json_format.ParseError as problem:
            errors.append(str(problem))
    sys.stdout.write(json.dumps(errors))


if __name__ == "__main__":
    main()
