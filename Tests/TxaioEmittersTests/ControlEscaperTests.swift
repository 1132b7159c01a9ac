import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

@Suite struct ControlEscaperTests {
    private func escape(_ bytes: [UInt8], for place: ControlEscaper.Place) -> String {
        var buffer = ByteBuffer()
        bytes.withUnsafeBytes { ControlEscaper.append($0, for: place, to: &buffer) }
        return buffer.withBytes { bytes in
            // Strictly: what comes out must be UTF-8 by itself.
            String(validating: bytes, as: UTF8.self) ?? "<not UTF-8>"
        }
    }

    /// The same rules, scalar by scalar.
    private func reference(_ bytes: [UInt8], for place: ControlEscaper.Place) -> String {
        var result = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"" where place != .message: result += "\\\""
            case "\\" where place != .message: result += "\\\\"
            case " " where place == .key: result += "\\u0020"
            case "=" where place == .key: result += "\\u003d"
            case _ where Hostile.isForbidden(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    @Test(arguments: [ControlEscaper.Place.message, .quoted, .key])
    func everyScalarIsEscapedOrKept(place: ControlEscaper.Place) {
        var block: [UInt8] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            // Planes 3 and up hold nothing that is treated differently; a sample does.
            if value > 0x2FFFF, value % 257 != 0, value < 0x10FF00 { continue }
            block += Array(String(scalar).utf8)
            if block.count >= 4096 || value == 0x10FFFF {
                #expect(escape(block, for: place) == reference(block, for: place))
                block.removeAll()
            }
        }
    }

    @Test func everyOneAndTwoByteSequenceIsRepaired() {
        for first in UInt8.min...UInt8.max {
            #expect(escape([first], for: .message) == reference([first], for: .message))
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                let escaped = escape(bytes, for: .quoted)
                if escaped != reference(bytes, for: .quoted) { Issue.record("\(bytes): \(escaped)") }
            }
        }
    }

    @Test(arguments: [ControlEscaper.Place.message, .quoted, .key])
    func randomBytesAreRepairedAsStringDoesIt(place: ControlEscaper.Place) {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<10_000 {
            // Bytes that begin and continue scalars, more often than chance has them.
            let bytes = Hostile.randomBytes(&generator, upTo: 40).map { byte in
                byte % 3 == 0 ? [0xE2, 0x80, 0xA8, 0xC2, 0xF0, 0xED, 0x20, 0x61][Int(byte) % 8] : byte
            }
            let escaped = escape(bytes, for: place)
            if escaped != reference(bytes, for: place) { Issue.record("\(bytes): \(escaped)") }
            let isLeftAlone = bytes.withUnsafeBytes { ControlEscaper.leavesAlone($0, for: place) }
            if isLeftAlone != (Array(escaped.utf8) == bytes) { Issue.record("left alone: \(bytes)") }
        }
    }

    @Test func suspectsAreFoundAtEveryOffset() {
        for length in 0..<40 {
            for offset in 0..<max(1, length) where length > 0 {
                for byte in [UInt8(0), 0x1F, 0x20, 0x21, 0x22, 0x3D, 0x5C, 0x7E, 0x7F, 0x80, 0xFF] {
                    var bytes = [UInt8](repeating: 0x61, count: length)
                    bytes[offset] = byte
                    for place in [ControlEscaper.Place.message, .quoted, .key] {
                        let escaped = escape(bytes, for: place)
                        if escaped != reference(bytes, for: place) { Issue.record("\(bytes): \(escaped)") }
                    }
                }
            }
        }
    }
}
