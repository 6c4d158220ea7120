import MaskAudit

/// Checks a value against a JSON Schema, as far as the schemas of this repository go: type, enum, minimum, maximum,
/// required, properties, additionalProperties (false alone), items.
///
/// A keyword that is neither checked nor without meaning here is a fault too, so that no schema claims more than is
/// checked.
struct SchemaValidator {
    let schema: JSONValue

    /// What is wrong, each with its place; empty where the value is valid.
    func faults(_ value: JSONValue) -> [String] { Self.faults(value, schema, at: "$") }

    private static let silent: Set<String> = ["$schema", "title", "description"]

    private static func faults(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        schema.pairs.flatMap { rule in
            switch rule.key {
            case "type":
                let allowed = rule.value.string.map { [$0] } ?? rule.value.elements.compactMap(\.string)
                return types(value).isDisjoint(with: allowed) ? ["\(place) is not of type \(allowed)"] : []
            case "enum":
                return rule.value.elements.contains(value) ? [] : ["\(place) is none of \(rule.value.elements)"]
            case "minimum", "maximum":
                guard let number = value.number, let bound = rule.value.number else { return [] }
                let isWithin = rule.key == "minimum" ? number >= bound : number <= bound
                return isWithin ? [] : ["\(place) is beyond its \(rule.key) \(bound)"]
            case "required":
                guard case .object = value else { return [] }
                return rule.value.elements.compactMap(\.string).filter { value[$0] == nil }.map {
                    "\(place) has no \($0)"
                }
            case "properties":
                return rule.value.pairs.flatMap { property in
                    value[property.key].map { faults($0, property.value, at: "\(place).\(property.key)") } ?? []
                }
            case "additionalProperties":
                guard rule.value == .bool(false) else { return ["\(place): additionalProperties other than false"] }
                return value.keys.filter { schema["properties"]?[$0] == nil }.map { "\(place) has an unknown \($0)" }
            case "items":
                return value.elements.enumerated().flatMap { faults($1, rule.value, at: "\(place)[\($0)]") }
            case _ where silent.contains(rule.key): return []
            default: return ["\(place): the schema's \(rule.key) is not checked"]
            }
        }
    }

    /// A whole number is an integer and a number.
    private static func types(_ value: JSONValue) -> Set<String> {
        switch value {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .number(let number): number.rounded() == number ? ["number", "integer"] : ["number"]
        case .string: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }
}
