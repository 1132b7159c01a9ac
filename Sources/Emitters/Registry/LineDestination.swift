/// Where a file sends lines: the options that `text` and `json` share.
///
/// - `stream`: `stdout` (the default) or `stderr`;
/// - `path`: a file, in place of a stream; and with it `permissions` (a text in octal, `"0640"`), `directories` (whether
///   missing ones are made), `sync` (whether a flush waits for the disk), `rotate` (see ``LogRotation``) and
///   `reopen_on_hangup` (whether SIGHUP has the path looked at);
/// - `wait`: how many seconds a line waits at most for room, 0 to 60, by default 1.
internal struct LineDestination {
    internal enum Place {
        case stream(LogStream)
        case file(LogFile)
    }

    internal let place: Place
    internal let wait: Duration

    internal init(_ options: inout EmitterOptions) {
        let stream = options.choiceIfPresent("stream", of: ["stdout", "stderr"])
        let path = options.stringIfPresent("path")
        let permissions = options.stringIfPresent("permissions")
        let directories = options.boolIfPresent("directories")
        let sync = options.boolIfPresent("sync")
        let reopens = options.boolIfPresent("reopen_on_hangup")
        let rotates = options.value("rotate") != nil
        let rotation = options.nested("rotate") { LogRotation(&$0, isPresent: rotates) }
        wait = .seconds(options.double("wait", in: 0...60, default: 1))

        guard let path else {
            place = .stream(stream == "stderr" ? .standardError : .standardOutput)
            if options.value("path") == nil { Self.refuseFileOptions(&options) }
            return
        }
        if options.value("stream") != nil { options.fault("path", "'path' and 'stream' exclude each other") }
        if path.isEmpty || path.utf8.contains(0) { options.fault("path", "'path' is no path") }
        var file = LogFile(
            path,
            makesDirectories: directories ?? false,
            synchronisesOnFlush: sync ?? false,
            rotation: rotates ? rotation : nil,
            reopensOnHangup: reopens ?? false
        )
        if let permissions {
            if let bits = UInt32(permissions, radix: 8), bits <= 0o777 {
                file.permissions = bits
            } else {
                options.fault("permissions", "'permissions' must be octal digits like \"0640\", not '\(permissions)'")
            }
        }
        place = .file(file)
    }

    private static func refuseFileOptions(_ options: inout EmitterOptions) {
        for key in ["permissions", "directories", "sync", "rotate", "reopen_on_hangup"] where options.value(key) != nil
        {
            options.fault(key, "'\(key)' goes with 'path', which is missing")
        }
    }
}
