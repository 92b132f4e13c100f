namespace VmDataset.Pipeline.Storage;

/// <summary>The queue or the object store could not be reached, or refused the call; a full disk is one case. Every adapter throws it in
/// place of its client's own exceptions, which are its cause.</summary>
public sealed class ServiceUnreachableException(string message, Exception? cause = null) : IOException(message, cause);
