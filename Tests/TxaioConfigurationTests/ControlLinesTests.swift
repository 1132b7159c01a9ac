#if Configuration
import Testing
import TxaioLog

@testable import TxaioConfiguration

@Suite("Lines of the control socket")
struct ControlLinesTests {
    private func lines(_ bytes: [UInt8], isOver: Bool = false) -> [ControlLines.Line] {
        var lines = ControlLines()
        var found: [ControlLines.Line] = []
        lines.receive(bytes)
        if isOver { lines.end() }
        while let line = lines.next() {
            found.append(line)
            lines.answer([])
            lines.sent(1)
        }
        return found
    }

    @Test func aLineEndsWithAFeedAndMayHaveAReturnBeforeIt() {
        #expect(lines(Array("a\nb c\r\n\nrest".utf8)) == [.request("a"), .request("b c"), .request("")])
    }

    @Test func whatComesInPiecesIsPutTogether() {
        var lines = ControlLines()
        for byte in "status".utf8 {
            lines.receive([byte])
            #expect(lines.next() == nil)
        }
        lines.receive([10])
        #expect(lines.next() == .request("status"))
    }

    @Test func noFurtherLineIsLookedAtBeforeTheAnswerIsTaken() {
        var lines = ControlLines()
        lines.receive("a\nb\n".utf8)
        #expect(lines.next() == .request("a"))
        lines.answer(Array("ok".utf8))
        #expect(lines.next() == nil && !lines.wantsInput)
        lines.sent(2)
        #expect(lines.next() == nil)
        lines.sent(1)
        #expect(lines.next() == .request("b") && lines.wantsInput)
    }

    @Test func requestsBeforeTheEndAreAnsweredAndTheRestIsForgotten() {
        var lines = ControlLines()
        lines.receive("a\nb".utf8)
        lines.end()
        #expect(lines.next() == .request("a") && !lines.isOver)
        #expect(lines.next() == nil && lines.isOver)
    }

    @Test func bytesThatAreNoTextAreAFault() {
        #expect(lines([0xFF, 10]) == [.fault("not UTF-8")])
        #expect(lines([0x61, 0, 10]) == [.fault("a control character at 2")])
        #expect(lines([0x1B, 0x5B, 10]) == [.fault("a control character at 1")])
    }

    @Test func aLineThatDoesNotEndIsAFaultAfterWhichNothingIsRead() {
        let long = [UInt8](repeating: 0x61, count: ControlLines.limit + 1)
        #expect(lines(long + Array("\nstatus\n".utf8)).first == .fault("a request has at most 65536 bytes"))
        var lines = ControlLines()
        lines.receive(long)
        #expect(lines.next() == .fault("a request has at most 65536 bytes"))
        lines.answer([])
        lines.sent(1)
        #expect(lines.isOver)
    }

    @Test(
        arguments: [
            ("status", .status), (" \t status ", .status), ("level", .levels),
            ("level a=debug for 10m", .set("a=debug for 10m")), ("reset", .reset), ("reload", .reload),
            ("flush", .flush(.seconds(5))), ("flush 2s", .flush(.seconds(2))), ("flush 2h", .flush(.seconds(10))),
            ("explain A.B debug", .explain(namespace: "A.B", level: .debug)),
        ] as [(String, ControlRequest)]
    )
    func aRequestIsAWordAndWhatBelongsToIt(line: String, request: ControlRequest) throws {
        #expect(try ControlRequest(parsing: line) == request)
    }

    @Test(arguments: [
        ("", "a request is missing"), ("   ", "a request is missing"),
        ("statsu", "unknown request 'statsu'; did you mean 'status'?"),
        ("STATUS", "unknown request 'STATUS'; did you mean 'status'?"),
        ("status now", "'status' takes nothing more, unlike 'now'"),
        ("flush soon", "a span of time is written as '90s', '10m', '2h' or '1d', unlike 'soon' at column 1"),
        ("explain A", "'explain' takes a namespace and a level"),
        ("explain A debgu", "unknown level 'debgu'; did you mean 'debug'?"),
        ("explain A none", "unknown level 'none'"),
    ])
    func whatIsNoneIsToldWhy(line: String, message: String) {
        let fault = #expect(throws: ControlRequest.Fault.self) { try ControlRequest(parsing: line) }
        #expect(fault?.message.hasPrefix(message) ?? false, "\(fault?.message ?? "")")
    }
}
#endif
