import NIOCore
import NIOPosix
import TxaioConfiguration
import TxaioCore
import TxaioLog
import TxaioNIO

/// Starts everything, waits for a signal, and ends everything in the right order: requests first, logging last.
@main
struct Main {
    static let log = makeLogger()

    static func main() async {
        let options: Options
        do {
            options = try Options(arguments: CommandLine.arguments.dropFirst())
        } catch {
            leave(with: 64, saying: "\(error)\n\(Options.usage)")
        }

        let logging: LoggingSession
        do {
            logging = try startLogging(
                configuration: options.configuration ?? "config/logging.yaml",
                overridable: options.configuration == nil
            )
        } catch {
            leave(with: 2, saying: "\(error)")
        }

        var status: Int32 = 0
        do {
            try await serve(options)
        } catch {
            log.failure(error, "The gateway cannot run.")
            status = 1
        }

        if !logging.shutdown(within: .seconds(5)) { status = 1 }
        report(logging.ledger)
        leave(with: status)
    }

    /// Serves until SIGINT or SIGTERM, then until the requests under way are answered.
    private static func serve(_ options: Options) async throws {
        try Txaio.useNIO(.singletonMultiThreadedEventLoopGroup)
        let runtime = try Txaio.runtime
        let signals = TerminationSignals()
        let prices = try await PriceService.start()
        let quotes = Quotes(runtime: runtime, upstream: Upstream(port: prices.port))
        let server = Server(router: Router(store: Store(), quotes: quotes))
        let idle = try IdleConnections(runtime, limit: options.idle)
        let listener = try await HTTPListener.start(port: options.port, idle: idle) { await server.answer($0) }
        log.info("Listening on {host}:{port}.", host: "127.0.0.1", port: listener.port)
        tell("gateway: listening on http://127.0.0.1:\(listener.port)")

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            group.addTask { try await prices.run() }
            group.addTask {
                let signal = await signals.next()
                log.info("Got {signal}: no more connections, finishing the requests under way.", signal: signal)
                // What the requests need goes last.
                await listener.stop(within: .seconds(10))
                await prices.stop(within: .seconds(1))
            }
            try await group.waitForAll()
        }
        log.info("Stopped after {requests} requests.", requests: listener.answered)
    }

    /// What became of every event; on standard error, as logging has ended.
    private static func report(_ ledger: LoggingLedger) {
        tell("ledger: offered=\(ledger.offered) delivered=\(ledger.delivered) refused=\(ledger.refused)")
        report(ledger.emitters, "")
        // Those that a change of the configuration took out.
        report(ledger.retired, "retired ")
    }

    private static func report(_ emitters: [EmitterCounts], _ state: String) {
        for emitter in emitters {
            tell(
                """
                ledger: \(state)\(emitter.name): accepted=\(emitter.accepted) handedOver=\(emitter.handedOver) \
                dropped=\(emitter.droppedInAll) inFlight=\(emitter.inFlight) filtered=\(emitter.filtered)
                """
            )
        }
    }
}
