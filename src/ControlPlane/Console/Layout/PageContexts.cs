namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>Finds what the pages need to know of their requests.</summary>
internal sealed class PageContexts(AccessMode access, BackendOptions backend, TimeProvider time)
{
    // Each reading of a job is four LISTs, which cost money on AWS.
    private readonly int _refreshSeconds = backend.Engine == BackendKind.Local ? 2 : 10;

    public PageContext Of(HttpContext http) => new()
    {
        Path = http.Request.Path,
        Caller = Caller.Of(http.User),
        IsOpen = access.IsOpen,
        Token = FormToken.Of(http),
        Now = time.GetUtcNow(),
        RefreshSeconds = _refreshSeconds,
    };
}
