using System.Reflection;

namespace VmDataset.ControlPlane.Http;

/// <summary>
/// Answers 400, naming every error, for parameters that are wrong and for query parameters that the endpoint does not have: a misspelt
/// filter would otherwise show everything.
/// </summary>
internal static class ParameterFilter
{
    public static TBuilder ValidateParameters<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilterFactory(static (factory, next) =>
        {
            string[] allowed = [.. factory.MethodInfo.GetParameters()
                .Where(static parameter => parameter.GetCustomAttribute<AsParametersAttribute>() is not null)
                .SelectMany(static parameter => parameter.ParameterType.GetProperties())
                .Select(static property => property.GetCustomAttribute<FromQueryAttribute>()?.Name).OfType<string>()];
            return invocation =>
            {
                List<ValidationError> errors = [.. invocation.HttpContext.Request.Query.Keys
                    .Where(key => !allowed.Contains(key, StringComparer.OrdinalIgnoreCase))
                    .Select(key => new ValidationError(key,
                        $"{key} is not a query parameter here; allowed: {(allowed.Length == 0 ? "none" : string.Join(", ", allowed))}."))];
                foreach (var parameters in invocation.Arguments.OfType<IParameters>()) parameters.Read(errors);
                return errors.Count == 0 ? next(invocation) : ValueTask.FromResult<object?>(Problem.Invalid(errors));
            };
        });
}
