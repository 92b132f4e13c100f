namespace VmDataset.ControlPlane.Http;

/// <summary>Reads a parameter's text. Each method gives the default for an absent text, and for a wrong one after noting the
/// error.</summary>
internal static class ParameterText
{
    public static int WholeNumber(string name, string? text, int min, int max, int absent, List<ValidationError> errors)
    {
        if (text is null) return absent;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min
            && number <= max) return number;
        errors.Add(new ValidationError(name, $"{name} is '{text}'; allowed: an integer from {min} to {max}."));
        return absent;
    }

    public static bool Flag(string name, string? text, List<ValidationError> errors)
    {
        if (text is null) return false;
        if (bool.TryParse(text, out var flag)) return flag;
        errors.Add(new ValidationError(name, $"{name} is '{text}'; allowed: true or false."));
        return false;
    }

    public static void OneOf(string name, string? text, IEnumerable<string> allowed, List<ValidationError> errors)
    {
        if (text is not null && !allowed.Contains(text, StringComparer.Ordinal))
            errors.Add(new ValidationError(name, $"{name} is '{text}'; allowed: {string.Join(", ", allowed)}."));
    }
}
