#if Configuration
import Foundation
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog
import TxaioTesting

@Suite("Damaged configurations")
struct ConfigurationMutationTests {
    @Test(.timeLimit(.minutes(10)))
    func aThousandMutationsAreAcceptedOrRefusedWithAPosition() throws {
        Collected.register()
        #expect(faults(Self.good) == [])
        var random = SeededGenerator(seed: 20_261_122)
        var accepted = 0
        for number in 0..<1_000 {
            var bytes = Array(Self.good.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) { Self.mutate(&bytes, &random) }
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(ConfigurationError) {
                _ = try LoggingConfiguration(parsing: bytes)
                accepted += 1
            } catch {
                #expect(!error.faults.isEmpty)
                for fault in error.faults where fault.position == nil {
                    // What has no place: a file with nothing in it, or in another encoding.
                    let known = fault.message == "the file is empty" || fault.message.hasPrefix("the file is UTF-16")
                    #expect(known, "mutation \(number): \(fault)\n\(text)")
                }
                let lines = bytes.count { $0 == 10 || $0 == 13 } + 1
                for position in error.faults.compactMap(\.position) {
                    #expect(position.line >= 1 && position.line <= lines && position.column >= 1)
                }
            }
        }
        // Some harm nobody: a changed comment, a changed name. Most do.
        #expect(accepted > 50 && accepted < 700, "\(accepted)")
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.remove(at: at)
        case 2:
            let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
            bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &random)))
        case 4:
            let signs = Array("{}[]&*!|>%@`'\"#:,-?\t\n\r ~<=\u{0}\u{7F}é\u{2028}".utf8)
            bytes.insert(signs.randomElement(using: &random) ?? 0, at: at)
        default:
            var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
            let (a, b) = (Int.random(in: lines.indices, using: &random), Int.random(in: lines.indices, using: &random))
            lines.swapAt(a, b)
            bytes = Array(lines.joined(separator: [10]))
        }
    }

    private static let good = """
        # A service's logging.
        version: 1
        level: info
        levels:
          MyService.Gateway: debug   # while we look for the fault
          "NIO*": warn
          'Äpfel.*': error
        emitters:
          console: { type: collected, text: "a, b", level: info }
          file:
            type: collected
            count: 42
            flag: true
            list: [one, "two", 'three']
            size: 64 KiB
            levels: { "*": warn, Audit.Keys: info }
          journal: { type: collected, pause: 500 ms }
        limits: { record: 4 MiB }
        delivery: direct
        """
}
#endif
