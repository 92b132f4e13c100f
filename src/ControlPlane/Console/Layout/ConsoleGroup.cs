namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>What the console's endpoints have in common.</summary>
internal static class ConsoleGroup
{
    /// <summary>Pages for callers of the role read at least; an endpoint that changes something adds its own with RequireRole.</summary>
    public static RouteGroupBuilder MapConsoleGroup(this IEndpointRouteBuilder app) =>
        app.MapGroup("").WithMetadata(new ProblemPages(), new FormTokenRequired()).AddEndpointFilter(FormToken.FilterAsync)
            .ExcludeFromDescription();
}
