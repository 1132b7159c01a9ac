#if Tool
import Foundation

extension Console {
    /// Says an object as one line of JSON, its keys in order.
    static func say(json object: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        say(String(decoding: try encoder.encode(object), as: UTF8.self))
    }
}
#endif
