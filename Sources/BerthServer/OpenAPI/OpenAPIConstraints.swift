internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    /// What units can be chosen by.
    static let constraintSchemas: JSONObject = [
        "Constraints": [
            "description": """
            What facts of the units must be, by name; `GET /v1/resources` shows the facts. Of a list all must hold. A unit that \
            does not have the fact meets nothing that is said of it.
            """,
            "type": "object",
            "maxProperties": 64,
            "properties": [
                "numa": oneOrMore([
                    "description": "The number of a NUMA node, or a comparison with it.",
                    "anyOf": [
                        ["type": "integer", "minimum": 0, "maximum": 65_535],
                        ["type": "string", "maxLength": 64, "pattern": .string("^([<>]=? *|!=)\(number)$")],
                    ],
                ])
            ],
            "additionalProperties": oneOrMore(schema("Constraint")),
            "examples": [["numa": 1], ["vram": [">=40GiB", "<80GiB"], "model": "~*A100*"]],
        ],
        "Constraint": [
            "description": """
            What the fact must be equal to, or a text that begins with a sign: `>=`, `<=`, `>` and `<` compare numbers, exactly \
            and with suffixes such as GiB or Gbit; `!=` is met by another text, number or boolean; `~` by a text of a pattern \
            with `*` (any text) and `?` (any character). A text that must be equal and begins with a sign has `=` before it.
            """,
            "anyOf": [
                ["type": "number"],
                ["type": "boolean"],
                ["type": "string", "pattern": "^(?![<>=~]|!=)"],
                ["type": "string", "pattern": #"^(!=|=)[\s\S]"#],
                ["type": "string", "maxLength": 64, "pattern": .string("^[<>]=? *\(number)$")],
                ["type": "string", "minLength": 2, "maxLength": 64, "pattern": "^~"],
            ],
            "examples": [1, false, "H200", ">=40GiB", "!=H100", "~*A100*"],
        ],
    ]

    /// A number as JSON has it, and what may stand behind a quantity.
    private static let number =
        #"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?([kK]|Ki|[MGTP]i?)?(B|B/s|bit|bit/s)?"#

    private static func oneOrMore(_ schema: JSONValue) -> JSONValue {
        [
            "anyOf": [
                schema, ["type": "array", "minItems": 1, "maxItems": JSONValue(Constraint.most), "items": schema],
            ]
        ]
    }
}
