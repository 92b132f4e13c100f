using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace VmDataset.Pipeline.Settings;

/// <summary>
/// Sets options from the configuration and collects the errors of all of them. A setting has two spellings: <c>--DataDir</c> suits
/// the command line and <c>DATA_DIR</c> the environment; errors use the second. The framework's binder stops at the first text that
/// it cannot convert, takes <c>0x10</c> for a number, and knows properties instead of settings.
/// </summary>
public sealed class SettingsBinder(IConfiguration configuration)
{
    private readonly List<string> _errors = [];

    /// <summary>The properties of an options class that are settings.</summary>
    public static IEnumerable<(PropertyInfo Property, SettingAttribute Setting)> SettingsOf(Type options) =>
        from property in options.GetProperties()
        let setting = property.GetCustomAttribute<SettingAttribute>()
        where setting is not null
        select (property, setting);

    /// <summary>Sets and validates <paramref name="options"/>. A property without a setting keeps its value.</summary>
    /// <param name="options">The defaults.</param>
    /// <param name="validator">The generated validator of their class.</param>
    /// <returns>The same object; valid unless <see cref="ThrowIfWrong"/> throws.</returns>
    public T Bind<T>(T options, IValidateOptions<T> validator)
        where T : class
    {
        foreach (var (property, setting) in SettingsOf(typeof(T)))
        {
            var name = setting.NameFor(property.Name);
            if (Find(name, setting, property) is not { } text) continue;
            if (setting.Convert(text, property.PropertyType) is { } value) property.SetValue(options, value);
            else AddError(setting.ErrorText(name, text, property.PropertyType));
        }

        _errors.AddRange(validator.Validate(null, options).Failures ?? []);
        return options;
    }

    /// <summary>Adds an error that concerns the options of several features.</summary>
    public void AddError(string error) => _errors.Add(error);

    /// <exception cref="StartUpException">A setting is wrong. The message lists the errors of every feature, in order of names.</exception>
    public void ThrowIfWrong()
    {
        if (_errors.Count == 0) return;
        throw new StartUpException(string.Join("\n- ", _errors.Order(StringComparer.Ordinal).Prepend("The settings are wrong:")));
    }

    private string? Find(string name, SettingAttribute setting, PropertyInfo property) =>
        new[] { name, setting.Fallback }.OfType<string>().Select(each => configuration[CommandLineName(each)] ?? configuration[each])
            .FirstOrDefault(text => text is not null && !setting.IsUnset(text, property.PropertyType));

    // Keys of the configuration ignore case.
    private static string CommandLineName(string name) => name.Replace("_", "", StringComparison.Ordinal).TrimStart('-');
}
