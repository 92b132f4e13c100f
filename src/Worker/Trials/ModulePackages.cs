namespace VmDataset.Worker.Trials;

/// <summary>What the packages are called that bring a Python module, where that is not obvious from the module's name.</summary>
public static partial class ModulePackages
{
    // Debian's name is null where Debian 12 has no such package, pip's where there is none to install.
    private static readonly Dictionary<string, (string? Debian, string? Pip)> Known = new(StringComparer.Ordinal)
    {
        ["av"] = ("python3-av", "av"),
        ["bpy"] = (null, "bpy"),
        ["Box2D"] = (null, "box2d-py"),
        ["cairo"] = ("python3-cairo", "pycairo"),
        ["cairosvg"] = ("python3-cairosvg", "CairoSVG"),
        ["chess"] = (null, "chess"),
        ["cv2"] = ("python3-opencv", "opencv-python-headless"),
        ["dateutil"] = ("python3-dateutil", "python-dateutil"),
        ["fontTools"] = ("python3-fonttools", "fonttools"),
        ["freetype"] = ("python3-freetype", "freetype-py"),
        ["imageio"] = ("python3-imageio", "imageio"),
        ["jinja2"] = ("python3-jinja2", "Jinja2"),
        ["matplotlib"] = ("python3-matplotlib", "matplotlib"),
        ["moderngl"] = ("python3-moderngl", "moderngl"),
        ["moviepy"] = ("python3-moviepy", "moviepy"),
        ["mpl_toolkits"] = ("python3-matplotlib", "matplotlib"),
        ["networkx"] = ("python3-networkx", "networkx"),
        ["noise"] = ("python3-noise", "noise"),
        ["numba"] = ("python3-numba", "numba"),
        ["numpy"] = ("python3-numpy", "numpy"),
        ["OpenGL"] = ("python3-opengl", "PyOpenGL"),
        ["pandas"] = ("python3-pandas", "pandas"),
        ["PIL"] = ("python3-pil", "Pillow"),
        ["plotly"] = ("python3-plotly", "plotly"),
        ["pydantic"] = ("python3-pydantic", "pydantic"),
        ["pydantic_settings"] = (null, "pydantic-settings"),
        ["pygame"] = ("python3-pygame", "pygame"),
        ["pyglet"] = ("python3-pyglet", "pyglet"),
        ["pymunk"] = (null, "pymunk"),
        ["rdkit"] = ("python3-rdkit", "rdkit"),
        ["requests"] = ("python3-requests", "requests"),
        ["scipy"] = ("python3-scipy", "scipy"),
        ["seaborn"] = ("python3-seaborn", "seaborn"),
        ["shapely"] = ("python3-shapely", "shapely"),
        ["skimage"] = ("python3-skimage", "scikit-image"),
        ["sklearn"] = ("python3-sklearn", "scikit-learn"),
        ["svgwrite"] = ("python3-svgwrite", "svgwrite"),
        ["sympy"] = ("python3-sympy", "sympy"),
        ["tkinter"] = ("python3-tk", null),
        ["torch"] = ("python3-torch", "torch"),
        ["tqdm"] = ("python3-tqdm", "tqdm"),
        ["trimesh"] = (null, "trimesh"),
        ["turtle"] = ("python3-tk", null),
        ["yaml"] = ("python3-yaml", "PyYAML"),
    };

    /// <summary>A sentence for the modules whose packages are known, such as "Package: yaml is python3-yaml in Debian and PyYAML in pip.";
    /// null without one.</summary>
    /// <param name="modules">Names as Python imports them; of a module in a package, the package's counts.</param>
    public static string? Of(IEnumerable<string> modules)
    {
        var names = modules.Select(static module => module.Split('.')[0]).Distinct().Where(Known.ContainsKey)
            .Select(static module => $"{module} is {NamesOf(Known[module])}").ToList();
        return names.Count == 0 ? null : $"{(names.Count == 1 ? "Package" : "Packages")}: {string.Join("; ", names)}.";
    }

    /// <summary>The same for the module that Python's own error in a text misses.</summary>
    public static string? OfError(string? text) => text is not null && NoModule().Match(text) is { Success: true } error
        ? Of([error.Groups[1].Value]) : null;

    private static string NamesOf((string? Debian, string? Pip) package) => string.Join(" and ",
        new[] { package.Debian is { } debian ? $"{debian} in Debian" : null, package.Pip is { } pip ? $"{pip} in pip" : null }
            .OfType<string>());

    [GeneratedRegex(@"No module named '([\w.]+)'", RegexOptions.CultureInvariant)]
    private static partial Regex NoModule();
}
