import TxaioLog

/// A case's typed values as values of log events.
enum TypedValue {
    static func arguments(_ json: JSONValue?) throws(JSONError) -> [(String, any LogValue)] {
        guard let json else { return [] }
        guard case .object(let members) = json else { throw JSONError() }
        var arguments: [(String, any LogValue)] = []
        for (name, json) in members { arguments.append((name, try value(json))) }
        return arguments
    }

    private static func value(_ json: JSONValue) throws(JSONError) -> any LogValue {
        switch (json["t"]?.string, json["v"]) {
        case ("int", .string(let digits)): return integer(digits)
        case ("float", .string(let text)):
            guard let number = Double(text) else { throw JSONError() }
            return number
        case ("str", .string(let text)): return text
        case ("bool", .bool(let value)): return value
        case ("none", _): return Int?.none
        case ("list", .array(let elements)):
            var values: [AnyLogValue] = []
            for element in elements { values.append(AnyLogValue(try value(element))) }
            return values
        case ("dict", .array(let pairs)):
            var values: [(any LogValue, any LogValue)] = []
            for pair in pairs {
                guard case .array(let pair) = pair, pair.count == 2 else { throw JSONError() }
                values.append((try value(pair[0]), try value(pair[1])))
            }
            return RuntimePairs(values)
        case ("object", let members):
            // A text that fails is one that the value does not have; one that is left out is never asked for.
            return RuntimeObject(
                type: json["cls"]?.string ?? "object",
                text: json["str"]?.string,
                representation: json["repr"]?.string,
                attributes: try arguments(members)
            )
        default: throw JSONError()
        }
    }

    /// The smallest integer type that holds the digits. What none holds is known by its text alone.
    private static func integer(_ digits: String) -> any LogValue {
        if let value = Int64(digits) { return value }
        if let value = UInt64(digits) { return value }
        if let value = Int128(digits) { return value }
        if let value = UInt128(digits) { return value }
        return RuntimeObject(type: "int", text: digits, representation: digits, attributes: [])
    }
}
