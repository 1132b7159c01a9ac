import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// What one event looks like in a real journal, through both transports.
@Suite(.journald)
struct JournaldEntryTests {
    @Test(arguments: Journald.transports)
    func anEventHasItsFieldsWithTheirValues(_ transport: JournaldOptions.Transport) throws {
        let entries = try Journald.written(transport) { log in
            log.info("Got {what} in {ms} ms", ("what", "text"), ("ms", 1.5), ("yes", true), ("none", Int?.none))
        }
        let entry = try #require(entries.first)
        #expect(entries.count == 1)
        #expect(entry["PRIORITY"] == "6")
        #expect(entry["TXAIO_LEVEL"] == "info")
        #expect(entry["TXAIO_TEMPLATE"] == "Got {what} in {ms} ms")
        #expect(entry["TXAIO_NAMESPACE"] == "tests.journald")
        #expect(entry["CODE_FILE"] == "TxaioEmittersTests/JournaldSupport.swift")
        #expect(entry["CODE_LINE"].flatMap { Int($0) } ?? 0 > 0)
        #expect(entry["CODE_FUNC"] == "anEventHasItsFieldsWithTheirValues(_:)")
        #expect(entry["WHAT"] == "text")
        #expect(entry["MS"] == "1.5")
        #expect(entry["YES"] == "true")
        #expect(entry["NONE"] == "null")
        #expect(entry["MESSAGE"] == "Got text in 1.5 ms")
        #expect(entry["TXAIO_KEYS"] == nil, "every name can be read back from its field's")
        #expect(entry["TID"].flatMap { Int($0) } ?? 0 > 0)
        #expect(entry["_TRANSPORT"] == "journal")
        #expect(entry["_PID"] == "\(ProcessInfo.processInfo.processIdentifier)")
        let time = try #require(entry["TXAIO_TIME"].flatMap { Int64($0) })
        let source = try #require(entry["_SOURCE_REALTIME_TIMESTAMP"].flatMap { Int64($0) })
        #expect(time <= source && source - time < 60_000_000)
        #expect(entry["TXAIO_START"]?.count == 16)
        #expect(entry["TXAIO_SEQ"].flatMap { UInt64($0) } ?? 0 > 0)
        #expect(entry["TXAIO_THREAD"].flatMap { UInt64($0) } ?? 0 > 0)
    }

    @Test
    func bothTransportsStoreTheSame() throws {
        guard Journald.transports.count == 2 else { return }
        let stored = try Journald.transports.map { transport in
            let entries = try Journald.written(
                transport,
                with: Journald.options { $0.fields = [("SERVICE", "orders\nand more")] }
            ) { log in
                log.warn(
                    "a {b}\nc",
                    ("b", "x\nPRIORITY=0"),
                    ("camelCase", 1),
                    ("list", [1, 2]),
                    ("z", LogBytes([0, 10, 255]))
                )
                log.emit(.debug, "plain run-time text")
                log.error("{error_type}", ("error_type", "E"), ("empty", ""), ("d", Duration.milliseconds(250)))
            }
            return entries.map { entry in
                let own: Set<String> = ["TXAIO_TIME", "TXAIO_SEQ", "SYSLOG_IDENTIFIER"]
                return Dictionary(uniqueKeysWithValues: entry.names.subtracting(own).map { ($0, entry.all($0)) })
            }
        }
        #expect(stored[0] == stored[1])
        #expect(stored[0].count == 3)
    }

    @Test(arguments: Journald.transports)
    func levelsKeepTheirPriorities(_ transport: JournaldOptions.Transport) throws {
        let entries = try Journald.written(transport) { log in
            for level in LogLevel.allCases where level != .off { log.emit(level, "an event") }
        }
        #expect(entries.map { $0["PRIORITY"] } == ["2", "3", "4", "6", "7", "7"])
        #expect(entries.map { $0["TXAIO_LEVEL"] } == ["critical", "error", "warn", "info", "debug", "trace"])
    }

    @Test
    func prioritiesCanBeSetAndStayMonotonic() throws {
        let entries = try Journald.written(.native, with: Journald.options { $0.priorities[.info] = 5 }) { log in
            log.emit(.info, "an event")
        }
        #expect(entries.first?["PRIORITY"] == "5")
        for level in LogLevel.allCases {
            for value in [-3, 0, 2, 4, 7, 99] {
                var priorities = JournalPriorities()
                priorities[level] = value
                #expect(priorities[level] == max(0, min(7, value)))
                let all = LogLevel.allCases.map { priorities[$0] }
                #expect(all == all.sorted() && all.allSatisfy { (0...7).contains($0) })
            }
        }
    }

    @Test(arguments: Journald.transports)
    func aValueCannotForgeAField(_ transport: JournaldOptions.Transport) throws {
        let attack = "x\nPRIORITY=0\nMESSAGE=forged\n"
        let entries = try Journald.written(transport) { log in
            log.emit(.info, attack)
            log.emit(.info, "t", ["value": attack])
        }
        #expect(entries.count == 2)
        #expect(entries.allSatisfy { $0.all("PRIORITY") == [Array("6".utf8)] })
        #expect(entries.first?["MESSAGE"] == attack)
        #expect(entries.last?["VALUE"] == attack)
    }

    @Test(arguments: Journald.transports)
    func keysThatClashWithTheEmittersBecomeDataFields(_ transport: JournaldOptions.Transport) throws {
        let keys = [
            "message", "priority", "code_line", "code_file", "syslog_identifier", "_pid", "message_id", "object_pid",
            "unit",
            "tid", "txaio_level", "TXAIO_SEQ", "PRIORITY", "user_unit", "service",
        ]
        let entries = try Journald.written(transport, with: Journald.options { $0.fields = [("SERVICE", "orders")] }) {
            log in
            log.emit(.info, "text", fields: keys.map { ($0, "forged" as any LogValue) })
        }
        let entry = try #require(entries.first)
        #expect(entry["MESSAGE"] == "text")
        #expect(entry.all("PRIORITY") == [Array("6".utf8)])
        #expect(entry.all("SERVICE") == [Array("orders".utf8)])
        #expect(entry["_PID"] == "\(ProcessInfo.processInfo.processIdentifier)")
        let forged = entry.names.filter { entry[$0] == "forged" }
        #expect(forged.count == keys.count && forged.allSatisfy { $0.hasPrefix("DATA_") })
        #expect(try originals(entry).values.sorted() == keys.sorted())
    }

    @Test(arguments: Journald.transports)
    func everyKeyIsStoredAndCanBeReadBack(_ transport: JournaldOptions.Transport) throws {
        let long = String(repeating: "k", count: 64)
        let keys = [
            "A=B", "a\nb", "", "_x", "9x", "x.y-z", "ключ", "слово", long, long + "k", long + "l", "x.y", "x-y", "x_y",
            "x_y_2",
            "requestID", "plain", "emoji🙂", "a b", "\u{0}", "=", "\n",
        ]
        let entries = try Journald.written(transport) { log in
            log.emit(.info, "t", fields: keys.map { ($0, "value of \($0)" as any LogValue) })
        }
        let entry = try #require(entries.first)
        let originals = try originals(entry)
        for key in keys {
            let field = originals.first { $0.value == key }?.key ?? key.uppercased()
            #expect(entry.all(field) == [Array("value of \(key)".utf8)], "\(key) as \(field)")
            #expect(field.utf8.count <= 64)
        }
        #expect(entry["A_B"] == "value of A=B")
        #expect(entry["X_Y"] == "value of x.y")
        #expect(entry["DATA_EMPTY"] == "value of ")
        #expect(entry["DATA__X"] == "value of _x")
        #expect(entry["DATA_9X"] == "value of 9x")
        #expect(entry["X_Y_Z"] == "value of x.y-z")
        #expect(entry[long.uppercased()] == "value of \(long)")
    }

    private func originals(_ entry: JournalEntry) throws -> [String: String] {
        guard let bytes = entry.bytes("TXAIO_KEYS") else { return [:] }
        return try JSONDecoder().decode([String: String].self, from: Data(bytes))
    }

    @Test(arguments: Journald.transports, [0, 1, 200, 600, 1000, 1024, 1100, 3000])
    func anyNumberOfFieldsIsStored(_ transport: JournaldOptions.Transport, _ count: Int) throws {
        let entries = try Journald.written(transport) { log in
            log.emit(.info, "t", fields: (0..<count).map { ("f\($0)", $0 as any LogValue) })
        }
        let entry = try #require(entries.first)
        let surplus =
            try entry.bytes("TXAIO_MORE").map { try JSONDecoder().decode([String: Int].self, from: Data($0)) } ?? [:]
        for index in 0..<count {
            let stored = entry["F\(index)"] ?? surplus["f\(index)"].map { "\($0)" }
            #expect(stored == "\(index)")
        }
        #expect(
            surplus.isEmpty == (count <= (transport == .native ? 1000 : 200) || count == 0) || transport == .libsystemd
        )
    }

    @Test(arguments: Journald.transports)
    func manyFieldsOfSeveralLinesAreStored(_ transport: JournaldOptions.Transport) throws {
        let entries = try Journald.written(transport) { log in
            log.emit(.info, "t", fields: (0..<600).map { ("f\($0)", "line\n\($0)" as any LogValue) })
        }
        let entry = try #require(entries.first)
        let surplus =
            try entry.bytes("TXAIO_MORE").map { try JSONDecoder().decode([String: String].self, from: Data($0)) } ?? [:]
        for index in 0..<600 { #expect(entry["F\(index)"] ?? surplus["f\(index)"] == "line\n\(index)") }
    }

    @Test
    func valuesWithPartsAreJSON() throws {
        let entries = try Journald.written { log in
            log.emit(
                .info,
                "t",
                [
                    "list": [1, 2], "map": ["a": "x\ny"], "span": Duration.milliseconds(1500), "nan": Double.nan,
                    "big": UInt64.max, "wide": Int128.max, "nested": [[1], []],
                ]
            )
        }
        let entry = try #require(entries.first)
        #expect(entry["LIST"] == "[1,2]")
        #expect(entry["MAP"] == #"{"a":"x\ny"}"#)
        #expect(entry["SPAN"] == "1.5")
        #expect(entry["NAN"] == "nan")
        #expect(entry["BIG"] == "18446744073709551615")
        #expect(entry["WIDE"] == "170141183460469231731687303715884105727")
        #expect(entry["NESTED"] == "[[1],[]]")
    }

    @Test(arguments: Journald.transports)
    func anErrorIsOneEntryWithItsCauses(_ transport: JournaldOptions.Transport) throws {
        struct Inner: Error {}
        struct Outer: FailureDetails {
            var cause: (any Error)? { Inner() }
            var backtrace: String? { "frame 1\nframe 2" }
        }
        let entries = try Journald.written(transport) { $0.failure(Outer()) }
        #expect(entries.count == 1)
        #expect(entries.first?["ERROR_TYPE"] == "Outer")
        #expect(entries.first?["ERROR_BACKTRACE"] == "frame 1\nframe 2")
        #expect(entries.first?["ERROR_CAUSES"]?.contains("Inner") == true)
        #expect(entries.first?["PRIORITY"] == "3")
    }

    @Test
    func eventsOfOneCallSiteHaveOneMessageID() throws {
        let entries = try Journald.written { log in
            for index in 0..<3 { log.info("Event {n}", ("n", index)) }
            log.info("Another {n}", ("n", 1))
            log.emit(.info, "text of the moment \(UUID())")
        }
        let ids = entries.map { $0["MESSAGE_ID"] }
        #expect(ids[0] != nil && ids[0] == ids[1] && ids[1] == ids[2] && ids[3] != nil && ids[3] != ids[0])
        #expect(ids[4] == nil && entries[4]["TXAIO_TEMPLATE"] == nil)
        let id = try #require(ids[0])
        #expect(
            id.utf8.count == 32
                && id.utf8.allSatisfy {
                    UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
                }
        )
        let identifier = try #require(entries.first?["SYSLOG_IDENTIFIER"])
        #expect(try Journald.entries(of: identifier, more: ["MESSAGE_ID=\(id)"]).count == 3)
    }

    @Test(arguments: Journald.transports)
    func tenThousandEntriesAreReadBackBitForBit(_ transport: JournaldOptions.Transport) throws {
        var generator = SplitMix(state: 42)
        var values: [[UInt8]] = [[], [0], [10], [0xFF, 0xFE, 0x0A, 0x00], Array("a=b".utf8), Array("=\n=\n\n".utf8)]
        while values.count < 9_990 {
            values.append(
                (0..<Int(generator.next() % 300)).map { _ in
                    generator.next() % 7 == 0 ? 0x0A : UInt8(truncatingIfNeeded: generator.next())
                }
            )
        }
        for _ in 0..<10 { values.append((0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }) }
        let entries = try Journald.written(
            transport,
            with: Journald.options { $0.whenFull = .wait(upTo: .seconds(30)) }
        ) { log in
            for (index, value) in values.enumerated() {
                log.info("number {n}", ("n", index), ("value", LogBytes(value)), ("empty", ""))
            }
        }
        #expect(entries.count == values.count)
        var wrong = 0
        for (index, entry) in entries.enumerated()
        where entry["N"] != "\(index)" || entry.bytes("VALUE") != values[index] || entry.bytes("EMPTY") != [] {
            wrong += 1
        }
        #expect(wrong == 0)
    }

    @Test
    func threadsNeitherTearNorMixEntries() throws {
        let identifier = Journald.identifier()
        var options = JournaldOptions()
        options.identifier = identifier
        options.whenFull = .wait(upTo: .seconds(30))
        let emitter = try JournaldEmitter(options: options)
        let counts = withLoggingLedger(to: emitter) {
            let context = LogContext.current
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                LogContext.$current.withValue(context) {
                    let log = makeLogger("tests.threads")
                    for number in 0..<500 {
                        log.info(
                            "{t} {n}",
                            ("t", thread),
                            ("n", number),
                            ("body", String(repeating: "\(thread)", count: 300))
                        )
                    }
                }
            }
        }
        let entries = try Journald.entries(of: identifier)
        #expect(entries.count == 4000 && counts.first?.handedOver == 4000)
        for thread in 0..<8 {
            let own = entries.filter { $0["T"] == "\(thread)" }
            #expect(own.compactMap { $0["N"].flatMap { Int($0) } } == Array(0..<500), "the order of thread \(thread)")
            #expect(own.allSatisfy { $0["BODY"] == String(repeating: "\(thread)", count: 300) })
            #expect(Set(own.map { $0["TID"] }).count == 1)
        }
    }

    @Test(arguments: [212_960, 212_961, 300_000, 3_000_000])
    func anEntryOfAnySizeIsStored(_ size: Int) throws {
        for buffer in [nil, JournalSocket.defaultSendBuffer] {
            let options = Journald.options {
                $0.sendBuffer = buffer
                $0.whenFull = .wait(upTo: .seconds(30))
            }
            let entries = try Journald.written(
                with: options,
                name: "size\(size)"
            ) { log in
                for offset in -300...0 where offset % 60 == 0 {
                    log.emit(.info, "t", ["value": LogBytes([UInt8](repeating: 0x41, count: size + offset))])
                }
            }
            #expect(entries.map { $0.bytes("VALUE")?.count } == (-5...0).map { size + $0 * 60 })
            #expect(entries.allSatisfy { $0["TXAIO_CUT"] == nil })
        }
    }
}

/// Sebastiano Vigna's SplitMix64: the same numbers on each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
