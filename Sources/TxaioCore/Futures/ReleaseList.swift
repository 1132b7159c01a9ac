internal import CTxaio

/// Releases callbacks one after the other that hold each other in a row.
///
/// A chain of a million futures that nobody resolved would else be released by a million nested calls.
internal final class ReleaseList {
    private var waiting: ContiguousArray<(UnsafeMutablePointer<CallbackNode>, TxaioRuntime)> = []

    /// Takes callbacks apart that will never run, once that is done which the thread is at.
    internal static func release(_ word: UInt, of runtime: TxaioRuntime) {
        if let list = txaio_release_current() {
            return Unmanaged<ReleaseList>.fromOpaque(list).takeUnretainedValue().add(word, runtime)
        }
        let list = ReleaseList()
        txaio_release_set(Unmanaged.passUnretained(list).toOpaque())
        list.add(word, runtime)
        while let (node, runtime) = list.waiting.popLast() {
            CallbackNode.operate(node, runtime.state, nil)
        }
        txaio_release_set(nil)
    }

    private func add(_ word: UInt, _ runtime: TxaioRuntime) {
        var word = word
        while let node = UnsafeMutablePointer<CallbackNode>(list: word) {
            word = node.pointee.next
            waiting.append((node, runtime))
        }
    }
}
