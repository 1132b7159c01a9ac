#if Configuration
internal import CTxaio
internal import Synchronization
internal import TxaioLog

/// The control socket of a running service, and the thread that serves it.
///
/// Each request is one line and gets one line, one for each client in turn: none holds up another for longer than a flush
/// takes, nor keeps a place that it does not use. There are ``clientLimit`` of them, and who says nothing for half a minute
/// loses it.
internal final class ControlServer: Sendable {
    /// Connections at a time; one more gets an error and is closed.
    internal static let clientLimit = 16
    private static let patience = Duration.seconds(30)

    private struct Client {
        let descriptor: Int32
        var lines = ControlLines()
        var deadline = Deadline.after(ControlServer.patience)

        /// Not while there is a line: who sends many without waiting would fill the memory.
        var wantsInput: Bool { !lines.hasMore && lines.wantsInput }
        /// Whether a line is looked at as soon as it is this client's turn.
        var isDue: Bool { lines.hasMore && lines.output.isEmpty }
    }

    internal let path: String
    private let socket: txaio_control
    private let isStopped = Atomic<Bool>(false)

    /// Listens.
    ///
    /// - Throws: ``ConfigurationError`` where that cannot be.
    internal init(_ control: LoggingConfiguration.Control) throws(ConfigurationError) {
        path = control.socket
        var socket = txaio_control()
        let error = txaio_control_open(control.socket, &socket)
        guard error == 0 else {
            let reason = Platform.reason(ofControlError: error)
            let message = "the control socket \(Quotation.of(control.socket)) cannot be had: \(reason)"
            throw ConfigurationError([.init(message, at: control.position)])
        }
        self.socket = socket
    }

    /// Begins to serve.
    internal func start(_ live: LiveConfiguration) {
        TxaioLog.Platform.startThread(named: "txaio-control") { [self] in run(ControlService(live)) }
    }

    /// Takes no more connections, removes the file at once, and ends the others within a second.
    internal func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        remove()
    }

    /// In place of ``start(_:)``: nobody is served.
    internal func discard() {
        remove()
        Platform.close(socket.descriptor)
    }

    /// In a child process, whose socket it is not: lets go of it, and leaves its file alone.
    internal func beginAnew() {
        if !isStopped.exchange(true, ordering: .relaxed) { Platform.close(socket.descriptor) }
    }

    private func remove() {
        var socket = socket
        txaio_control_remove(&socket, path)
    }

    private func run(_ service: ControlService) {
        var clients: [Client] = []
        while !isStopped.load(ordering: .relaxed) {
            let waits =
                [Platform.Wait(socket.descriptor, reads: true, writes: false)]
                + clients.map {
                    Platform.Wait($0.descriptor, reads: $0.wantsInput, writes: !$0.lines.output.isEmpty)
                }
            let ready = Platform.poll(waits, milliseconds: clients.contains(where: \.isDue) ? 0 : 1_000)
            for index in clients.indices where !isStopped.load(ordering: .relaxed) {
                if ready[index + 1] { Self.exchange(&clients[index]) }
                Self.serve(&clients[index], service)
            }
            clients.removeAll { client in
                guard client.lines.isOver || client.deadline.hasPassed else { return false }
                Platform.close(client.descriptor)
                return true
            }
            if ready[0], !accept(&clients) { TxaioLog.Platform.pause() }
        }
        for client in clients { Platform.close(client.descriptor) }
        Platform.close(socket.descriptor)
    }

    /// Answers false where the system has no room for a connection just now.
    private func accept(_ clients: inout [Client]) -> Bool {
        var socket = socket
        while true {
            let descriptor = txaio_control_accept(&socket)
            if descriptor >= 0 {
                var client = Client(descriptor: descriptor)
                if clients.count < Self.clientLimit {
                    clients.append(client)
                } else {
                    client.lines.answer(ControlService.error("\(Self.clientLimit) clients are connected already"))
                    Self.send(&client)
                    Platform.close(descriptor)
                }
                continue
            }
            if Platform.isNothing(-descriptor) { return true }
            if !Platform.isTheirs(-descriptor) { return false }
        }
    }

    /// Receives, or sends what waits.
    private static func exchange(_ client: inout Client) {
        if client.wantsInput {
            switch Platform.receive(client.descriptor) {
            case .bytes(let bytes): client.lines.receive(bytes)
            case .nothing: break
            case .end: client.lines.end()
            }
        } else {
            send(&client)
        }
    }

    /// Answers one line, if there is one and the last one's answer is sent.
    private static func serve(_ client: inout Client, _ service: ControlService) {
        guard client.isDue, let line = client.lines.next() else { return }
        client.deadline = .after(patience)
        client.lines.answer(service.answer(line))
        send(&client)
    }

    private static func send(_ client: inout Client) {
        while !client.lines.output.isEmpty {
            guard let count = Platform.send(client.lines.output, to: client.descriptor) else {
                // They are gone, and get no answer.
                client.lines.sent(client.lines.output.count)
                return client.lines.end()
            }
            if count == 0 { return }
            client.lines.sent(count)
        }
    }
}
#endif
