"""What the API answers, as models: its description is made from them, and every answer is held to them.

The tests check each answer of the running application against the model of its operation, unknown fields
included, so that nothing leaves that is not described here. Clients are told that fields may be added.
Answers are not built from these models at run time: they are the stored bytes of the read models.
"""
