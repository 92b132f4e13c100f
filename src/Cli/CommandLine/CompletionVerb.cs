using System.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.CommandLine;

/// <summary>Prints what a shell needs to complete the program's command lines: it asks the program itself.</summary>
internal static class CompletionVerb
{
    private const string Bash = """
        # vmds: completion for bash. In ~/.bashrc: eval "$(vmds completion bash)"
        _vmds() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(vmds "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _vmds vmds
        """;

    private const string Zsh = """
        #compdef vmds
        # vmds: completion for zsh. In ~/.zshrc, after compinit: eval "$(vmds completion zsh)"
        _vmds() {
            local -a found
            found=("${(@f)$(vmds "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            (( ${#found} )) && [[ -n ${found[1]} ]] && compadd -- $found || _files
        }
        compdef _vmds vmds
        """;

    public static Command Verb()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh." };
        shell.CompletionSources.Add("bash", "zsh");
        shell.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: not ("bash" or "zsh") and var given }]) result.AddError($"SHELL is '{given}'; allowed: bash, zsh.");
        });
        var verb = new Command("completion", "Print the completion of a shell: eval \"$(vmds completion bash)\".") { shell };
        verb.SetAction(parsed => Screen.Line(parsed.GetRequiredValue(shell) == "bash" ? Bash : Zsh));
        return verb;
    }
}
