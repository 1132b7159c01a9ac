import Testing
import TxaioEmitters
import TxaioLog

/// The pure parts, without a journald.
struct JournaldPartsTests {
    private func hash(_ text: String) -> (UInt64, UInt64) {
        var text = text
        let hash = text.withUTF8 { TemplateIdentity.hash(UnsafeRawBufferPointer($0), seed: 0) }
        return (hash.high, hash.low)
    }

    /// The values of the reference implementation.
    @Test
    func theTemplatesHashIsMurmurHash3() {
        #expect(hash("") == (0, 0))
        #expect(hash("hello") == (0xcbd8_a7b3_41bd_9b02, 0x5b1e_906a_48ae_1d19))
        #expect(hash("hello, world") == (0x342f_ac62_3a5e_bc8e, 0x4cdc_bc07_9642_414d))
        #expect(
            hash("The quick brown fox jumps over the lazy dog.") == (0xcd99_481f_9ee9_02c9, 0x695d_a1a3_8987_b6e7)
        )
    }

    private func id(_ template: String) -> String {
        var buffer = ByteBuffer()
        var template = template
        template.withUTF8 { TemplateIdentity.shared.append(for: UnsafeRawBufferPointer($0), to: &buffer) }
        return buffer.string()
    }

    @Test
    func aTemplatesIDNeverChangesAndIsAValidUUID() {
        #expect(id("Got '{result}' in {ms:.1f} ms.") == id("Got '{result}' in {ms:.1f} ms."))
        for number in 0..<3000 {
            let text = id("template \(number % 1500)")
            #expect(text.utf8.count == 32 && Array(text.utf8)[12] == UInt8(ascii: "8"))
            #expect("89ab".utf8.contains(Array(text.utf8)[16]))
            #expect(text == id("template \(number % 1500)"))
        }
        #expect(Set((0..<1500).map { id("template \($0)") }).count == 1500)
    }

    private func names(_ originals: [String]) -> [String] {
        var names = JournalFieldName()
        names.beginEvent()
        return originals.map { original in
            var original = original
            original.withUTF8 { names.make(UnsafeRawBufferPointer($0), reserved: []) }
            return names.withBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test
    func namesAreMangledPredictably() {
        let long = String(repeating: "a", count: 70)
        let made = names(["user_id", "user.id", "user-id", "", "_x", "9x", "message", "ключ", long, long + "b"])
        #expect(
            made.prefix(8) == [
                "USER_ID", "USER_ID_2", "USER_ID_3", "DATA_EMPTY", "DATA__X", "DATA_9X", "DATA_MESSAGE", "DATA_____",
            ]
        )
        #expect(made[8].utf8.count == 64 && made[9].utf8.count == 64 && made[8] != made[9])
        #expect(made[8].hasPrefix(String(repeating: "A", count: 55) + "_"))
        #expect(names([long]) == [made[8]], "the same in each event")
    }

    @Test
    func anyNamesAreValidAndDistinct() {
        var generator = SplitMix(state: 7)
        for _ in 0..<300 {
            let originals = (0..<40).map { _ in
                String(
                    decoding: (0..<Int(generator.next() % 80)).map { _ in
                        UInt8(truncatingIfNeeded: generator.next() % 5 + 0x2D)
                    },
                    as: UTF8.self
                )
            }
            let made = names(
                originals + originals.map { $0 + "_2" } + ["X"] + Array(repeating: "x", count: 30) + ["X_2", "x_3"]
            )
            #expect(Set(made).count == made.count)
            for name in made {
                let bytes = Array(name.utf8)
                #expect((1...64).contains(bytes.count))
                #expect(bytes.allSatisfy { $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
                #expect(bytes[0] != 0x5F && !(0x30...0x39).contains(bytes[0]))
                #expect(!name.hasPrefix("TXAIO_") && name != "MESSAGE")
            }
        }
    }

    @Test
    func everyErrorOfTheSystemEndsASend() {
        for error in Int32(1)...200 {
            for isMade in [true, false] {
                var state = JournalSendState()
                var (steps, waits) = (0, 0)
                var outcome: JournalOutcome?
                while outcome == nil, steps < 100 {
                    steps += 1
                    switch state.step(after: error, isMade: isMade) {
                    case .give(let given): outcome = given
                    case .wait:
                        waits += 1
                        if waits == 3 { outcome = .full }
                    case .again, .seal, .useSpare, .reconnect, .renew: break
                    }
                }
                #expect(outcome != nil && outcome != .sent, "errno \(error)")
            }
        }
    }

    @Test(arguments: [
        "", ":", "1:", ":1", "1:2:3", "+1:2", " 1:2", "1:2 ", "a:b", "18446744073709551616:1", "1", "-1:2", "0x1:2",
    ])
    func aMalformedStreamVariableIsNoMatch(_ text: String) {
        #expect(JournalStreamName(text) == nil)
        #expect(!JournaldEmitter.isStream(2, variable: text))
    }

    @Test
    func newlinesAreFoundWhereverTheyAre() {
        for length in 0..<40 {
            var bytes = [UInt8](repeating: 0x0B, count: length)
            #expect(!bytes.withUnsafeBytes { containsNewline($0) })
            for place in 0..<length {
                bytes[place] = 0x0A
                #expect(bytes.withUnsafeBytes { containsNewline($0) })
                bytes[place] = 0x8A
                #expect(!bytes.withUnsafeBytes { containsNewline($0) })
                bytes[place] = 0x0B
            }
        }
    }
}
