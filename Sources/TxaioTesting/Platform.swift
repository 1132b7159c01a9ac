// The one place of this module that knows the C library, and the only `canImport` ladder.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Threads of their own, which block as the threads of a service do: tasks share too few for that.
package enum Threads {
    private final class Work: Sendable {
        let index: Int
        let body: @Sendable (Int) -> Void

        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }

    /// Runs `body` on `count` threads at once and waits for all.
    ///
    /// Answers how many there were: the system may refuse some.
    @discardableResult
    package static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Int {
        var threads: [pthread_t] = []
        for index in 0..<count {
            let work = Unmanaged.passRetained(Work(index, body))
            #if canImport(Darwin)
            var thread: pthread_t?
            #else
            var thread = pthread_t()
            #endif
            let status = pthread_create(&thread, nil, start, work.toOpaque())
            if status != 0 {
                work.release()
            } else {
                #if canImport(Darwin)
                if let thread { threads.append(thread) }
                #else
                threads.append(thread)
                #endif
            }
        }
        for thread in threads { pthread_join(thread, nil) }
        return threads.count
    }

    #if canImport(Darwin)
    private static let start: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { argument in
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        work.body(work.index)
        return nil
    }
    #else
    private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        work.body(work.index)
        return nil
    }
    #endif
}
