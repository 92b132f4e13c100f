namespace VmDataset.Cli.Tests;

public sealed class ProfileTests(Vmds vmds)
{
    [Fact]
    public async Task A_profile_names_an_api_and_the_environment_goes_before_the_default_one()
    {
        using var folder = new TemporaryFolder();
        Write(folder, $$$"""{"here": {"url": "{{{vmds.Address}}}"}, "default": {"url": "http://127.0.0.1:1"}}""");
        Dictionary<string, string> home = new() { ["XDG_CONFIG_HOME"] = folder.Path };

        (await vmds.RunWithAsync(home, "", "list", "--profile", "here")).Succeeds();
        (await vmds.RunWithAsync(home, "", "list")).Code.ShouldBe(3);
        (await vmds.RunWithAsync(new(home) { ["VMDS_URL"] = vmds.Address }, "", "list")).Succeeds();
        (await vmds.RunWithAsync(new(home) { ["API_URL"] = vmds.Address }, "", "list")).Succeeds();
        var unknown = await vmds.RunWithAsync(home, "", "list", "--profile", "there");
        unknown.Code.ShouldBe(2);
        unknown.Error.ShouldContain("--profile is 'there'; allowed: default, here, the profiles of ");
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_and_one_that_others_can_read_is_warned_of()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string> home = new() { ["XDG_CONFIG_HOME"] = folder.Path };
        Write(folder, """{"here": {"adress": "http://127.0.0.1:1"}}""");
        var run = await vmds.RunWithAsync(home, "", "list");
        run.Code.ShouldBe(2);
        run.Error.ShouldContain("profiles.json cannot be read: ");
        run.Error.ShouldContain("adress");

        Write(folder, $$$"""{"here": {"url": "{{{vmds.Address}}}", "api_key": "vmd_a_b"}}""");
        File.SetUnixFileMode(folder.Combine("vmds", "profiles.json"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        (await vmds.RunWithAsync(home, "", "list", "--profile", "here")).Error.ShouldContain("can be read by others");
    }

    private static void Write(TemporaryFolder folder, string profiles)
    {
        Directory.CreateDirectory(folder.Combine("vmds"));
        File.WriteAllText(folder.Combine("vmds", "profiles.json"), profiles);
    }
}
