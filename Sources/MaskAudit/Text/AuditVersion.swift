/// The tool's version, as `--version` and the JSON summary give it.
public let masklintVersion = "0.1.0"
