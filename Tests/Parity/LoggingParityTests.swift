import Foundation
import Testing
import TxaioCore
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// txaio's `test_logging.py`: the loggers, called by callbacks of either framework.
@Suite struct LoggingParityTests {
    /// The lines of text that `body`, a callback, has written.
    private func lines(
        _ framework: Framework,
        level: LogLevel = .info,
        namespace: String = "parity.logging",
        _ body: @escaping @Sendable (TxaioLogger) throws -> Void
    ) throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("txaio-parity-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let emitter = try TextEmitter(to: LogFile(file.path), colour: .never)
        try withLogging(to: emitter, level: level) {
            let bench = Bench(framework)
            let future = bench.runtime.createFuture(of: TxaioLogger.self)
            future.addCallbacks(body)
            try future.resolve(makeLogger(namespace))
        }
        // At trace the futures speak as well.
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
            .filter { !$0.contains(" TxaioCore.") }
    }

    struct What: LogRepresentable, Sendable {
        let name = "bamboozle"
        let config = ["foo": "bar"]
        var logAttributes: KeyValuePairs<StaticString, any LogValue> {
            ["config": config, "sides": 4, "name": name]
        }
    }

    @Test(arguments: Framework.all)
    func q39ACategoryReplacesTheTemplate(_ framework: Framework) throws {
        addLogCategories(["Q39": "{adjective} {nouns[2]}"])
        let lines = try lines(framework) { log in
            log.info("own text", log_category: "Q39", adjective: "hilarious", nouns: ["skunk", "elephant", "wombat"])
        }
        #expect(lines.count == 1 && lines[0].contains("hilarious wombat"))
    }

    @Test(arguments: Framework.all)
    func q40LaterCategoriesAreAddedAndNeedNoTemplateInTheCall(_ framework: Framework) throws {
        addLogCategories(["Q40a": "first {x}"])
        addLogCategories(["Q40b": "second {x}"])
        let lines = try lines(framework) { log in
            log.info(log_category: "Q40a", x: 1)
            log.info(log_category: "Q40b", x: 2)
        }
        #expect(lines.count == 2 && lines[0].contains("first 1") && lines[1].contains("second 2"))
    }

    @Test(arguments: Framework.all)
    func q41CriticalIsOneLineThatEndsWithItsMessage(_ framework: Framework) throws {
        let lines = try lines(framework) { log in
            log.critical("{adjective} {nouns[2]}", adjective: "hilarious", nouns: ["skunk", "elephant", "wombat"])
        }
        #expect(lines.count == 1 && lines[0].hasSuffix("hilarious wombat"))
    }

    @Test(arguments: Framework.all)
    func q42InfoIsOneLineThatEndsWithItsMessage(_ framework: Framework) throws {
        let lines = try lines(framework) { log in
            log.info("{adjective} {nouns[1]}", adjective: "hilarious", nouns: ["skunk", "elephant", "wombat"])
        }
        #expect(lines.count == 1 && lines[0].hasSuffix("hilarious elephant"))
    }

    @Test(arguments: Framework.all)
    func q43WarnIsOneLineThatEndsWithItsMessage(_ framework: Framework) throws {
        let lines = try lines(framework) { log in
            log.warn("{adjective} {nouns[0]}", adjective: "hilarious", nouns: ["skunk", "elephant", "wombat"])
        }
        #expect(lines.count == 1 && lines[0].hasSuffix("hilarious skunk"))
    }

    struct Traced: FailureDetails, CustomStringConvertible {
        let description = "the request failed"
        let backtrace: String? = "at frame one; at frame two"
    }

    @Test(arguments: Framework.all)
    func q44AnErrorIsWrittenWithItsTraceback(_ framework: Framework) throws {
        let lines = try lines(framework) { log in log.failure(Traced(), "no luck") }
        #expect(lines.count == 1)
        #expect(lines[0].contains("no luck") && lines[0].contains("the request failed"))
        #expect(lines[0].contains("at frame one; at frame two"))
    }

    @Test(arguments: Framework.all)
    func q45TraceIsALevelOfItsOwn(_ framework: Framework) throws {
        let lines = try lines(framework, level: .trace) { log in log.trace("trace {txaio_trace}", txaio_trace: true) }
        #expect(lines.count == 1)
        #expect(lines[0].contains(" TRACE ") && lines[0].hasSuffix("trace True"))
    }

    @Test(arguments: Framework.all)
    func q46AtDebugATraceIsNotWritten(_ framework: Framework) throws {
        let emitter = CapturingEmitter()
        withLogging(to: emitter, level: .debug) {
            let log = makeLogger("parity.q46", level: .debug)
            Bench(framework).runtime.createFutureSuccess(log).addCallbacks { log in
                log.trace("not this")
                log.debug("but this")
            }
        }
        #expect(emitter.messages == ["but this"])
    }

    @Test(arguments: Framework.all)
    func q47EmitOfALevelThatIsOffDoesNothing(_ framework: Framework) throws {
        // A level set by hand holds for all loggers of a namespace, and other tests run meanwhile.
        let lines = try lines(framework, namespace: "parity.q47") { log in
            log.setLevel(.info)
            defer { log.setLevel(.info, keep: false) }
            log.emit(.trace, "foo {x}" + "", ["x": 1])
            log.emit(.debug, "foo {x}" + "", ["x": 1])
        }
        #expect(lines.isEmpty)
    }

    @Test(arguments: Framework.all)
    func q48EmitWritesLinesInOrder(_ framework: Framework) throws {
        let lines = try lines(framework) { log in
            log.emit(.warn, "{x} is first" + "", ["x": 1])
            log.emit(.info, "{x} is second" + "", ["x": 2])
        }
        #expect(lines.count == 2 && lines[0].hasSuffix("1 is first") && lines[1].hasSuffix("2 is second"))
    }

    @Test(arguments: Framework.all)
    func q49WhatIsNoFailureIsNoErrorToFormat(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        #expect(runtime.failureMessage("not a failure").hasPrefix("Failed to produce failure message"))
        #expect(runtime.failureFormatTraceback("not a failure").hasPrefix("Failed to format failure traceback"))
    }

    @Test(arguments: Framework.all)
    func q50TemplatesReachAttributesAndItemsOfObjects(_ framework: Framework) throws {
        let lines = try lines(framework, level: .debug) { log in
            log.debug("{what.config[foo]} {what.sides} {what.name}", what: What())
        }
        #expect(lines.count == 1 && lines[0].hasSuffix("bar 4 bamboozle"))
    }

    private static func checkDoubleStart(_ framework: Framework) throws {
        let first = CapturingEmitter(name: "first")
        let second = CapturingEmitter(name: "second")
        let session = try startLogging(to: [first], level: .info)
        #expect(try startLogging(to: [second], level: .trace) === session)
        Bench(framework).runtime.createFutureSuccess(1).addCallbacks { value in
            let log = makeLogger("parity.q51")
            log.debug("hidden")
            log.info("shown {value}", value: value)
        }
        #expect(first.messages == ["shown 1"])
        #expect(second.messages.isEmpty)
    }

    @Test func q51ASecondStartDoesNothing() async {
        await #expect(processExitsWith: .success) { try Self.checkDoubleStart(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try Self.checkDoubleStart(.nio) }
        #endif
    }

    @Test func q52ABadLevelIsAnErrorThatNamesTheGoodOnes() {
        let error = #expect(throws: InvalidLogLevel.self) { try LogLevel(parsing: "foo") }
        #expect(
            error?.description == "Invalid log level 'foo'; valid are: none, critical, error, warn, info, debug, trace"
        )
    }

    private struct OfTheType {
        static let log = makeLogger()
        func run() { Self.log.info("hello") }
    }

    private struct OfTheInstance {
        let log: TxaioLogger
        init() { log = makeLogger() }
        func run() { log.info("hello") }
    }

    @Test(arguments: Framework.all)
    func q53ALoggerThatIsATypesOwnWrites(_ framework: Framework) throws {
        let lines = try lines(framework) { _ in OfTheType().run() }
        #expect(lines.count == 1 && lines[0].hasSuffix("hello") && lines[0].contains("ParityTests.OfTheType"))
    }

    @Test(arguments: Framework.all)
    func q54ALoggerThatAnInitialiserMakesWrites(_ framework: Framework) throws {
        let lines = try lines(framework) { _ in OfTheInstance().run() }
        #expect(lines.count == 1 && lines[0].hasSuffix("hello"))
    }

    @Test(arguments: Framework.all)
    func q55AFailureWithoutATemplateIsWrittenWithTextAndTraceback(_ framework: Framework) throws {
        let lines = try lines(framework) { log in log.failure(Traced()) }
        #expect(lines.count == 1)
        #expect(lines[0].contains("Traced: the request failed"))
        #expect(lines[0].contains("at frame one; at frame two"))
    }

    @Test(arguments: Framework.all)
    func q56AFileGetsUTF8(_ framework: Framework) throws {
        let lines = try lines(framework) { log in log.info("grün ☃ 𝄞 {x}", x: "é") }
        #expect(lines.count == 1 && lines[0].hasSuffix("grün ☃ 𝄞 é"))
    }

    private static func writeToStandardOutput(_ framework: Framework) throws {
        let session = try startLogging()
        Bench(framework).runtime.createFutureSuccess("☃").addCallbacks { makeLogger("q58").info("snow {x}", x: $0) }
        session.shutdown()
    }

    @Test func q58StandardOutputGetsUTF8() async throws {
        var results = [
            try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
                try Self.writeToStandardOutput(.concurrency)
            }
        ]
        #if NIO
        results.append(
            try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
                try Self.writeToStandardOutput(.nio)
            }
        )
        #endif
        for result in results {
            #expect(String(decoding: result.standardOutputContent, as: UTF8.self).contains("snow ☃\n"))
        }
    }
}
