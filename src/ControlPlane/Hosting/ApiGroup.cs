namespace VmDataset.ControlPlane.Hosting;

/// <summary>The root of the API's resources, <c>/v1</c>, with everything that they have in common.</summary>
internal static class ApiGroup
{
    /// <summary>Callers need the role read at least; an endpoint that changes something adds its own with RequireRole.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/v1").RequireRole(Role.Read).ValidateParameters()
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status500InternalServerError);
}
