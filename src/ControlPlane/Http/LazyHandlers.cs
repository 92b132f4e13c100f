namespace VmDataset.ControlPlane;

/// <summary>
/// Maps endpoints whose handler is compiled at its first request. The framework's methods of the same names compile every handler at the
/// start, which is a third of its processor time (bench/README.md). These come before them because their namespace is nearer to the
/// callers. Routes, metadata and answers are the same.
/// </summary>
internal static class LazyHandlers
{
    public static RouteHandlerBuilder MapGet(this IEndpointRouteBuilder endpoints, string pattern, Delegate handler) =>
        endpoints.MapMethods(pattern, [HttpMethods.Get], handler);

    public static RouteHandlerBuilder MapPost(this IEndpointRouteBuilder endpoints, string pattern, Delegate handler) =>
        endpoints.MapMethods(pattern, [HttpMethods.Post], handler);

    public static RouteHandlerBuilder MapDelete(this IEndpointRouteBuilder endpoints, string pattern, Delegate handler) =>
        endpoints.MapMethods(pattern, [HttpMethods.Delete], handler);

    public static RouteHandlerBuilder MapMethods(
        this IEndpointRouteBuilder endpoints, string pattern, IEnumerable<string> methods, Delegate handler) =>
        RouteHandlerServices.Map(endpoints, pattern, handler, methods, RequestDelegateFactory.InferMetadata, Create);

    private static RequestDelegateResult Create(
        Delegate handler, RequestDelegateFactoryOptions options, RequestDelegateMetadataResult? metadata)
    {
        var compiled = new Lazy<RequestDelegate>(() => RequestDelegateFactory.Create(handler, options, metadata).RequestDelegate);
        return new RequestDelegateResult(context => compiled.Value(context), metadata?.EndpointMetadata ?? []);
    }
}
