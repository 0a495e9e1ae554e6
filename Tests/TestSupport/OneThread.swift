import Tensors

/// Holds the matrix library to one thread, once a process, as every command of the program does: products on several
/// threads have other bits. Nil, or why it could not.
package let oneThread: String? = BLASRuntime.useOneThread()
