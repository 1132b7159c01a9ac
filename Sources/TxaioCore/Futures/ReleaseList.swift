internal import CTxaio

/// Releases objects one after the other that hold each other in a row.
///
/// A chain of a million futures that nobody resolved would else be released by a million nested calls.
internal final class ReleaseList {
    private var waiting: ContiguousArray<Unmanaged<AnyObject>> = []

    /// Releases what is held by this reference alone, once that is released which the thread is at.
    internal static func release(_ object: Unmanaged<AnyObject>) {
        if let list = txaio_release_current() {
            Unmanaged<ReleaseList>.fromOpaque(list).takeUnretainedValue().waiting.append(object)
            return
        }
        let list = ReleaseList()
        txaio_release_set(Unmanaged.passUnretained(list).toOpaque())
        object.release()
        while let next = list.waiting.popLast() { next.release() }
        txaio_release_set(nil)
    }
}
