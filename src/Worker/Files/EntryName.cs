namespace VmDataset.Worker.Files;

/// <summary>A name in a folder: the bytes that the kernel has, and a text for people.</summary>
internal readonly struct EntryName
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public EntryName(ReadOnlySpan<byte> bytes)
    {
        Terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(Terminated);
        try
        {
            Text = Strict.GetString(bytes);
            IsUtf8 = true;
        }
        catch (DecoderFallbackException)
        {
            Text = Escape(bytes);
        }
    }

    public EntryName(string text)
    {
        Terminated = [.. Encoding.UTF8.GetBytes(text), 0];
        (Text, IsUtf8) = (text, true);
    }

    /// <summary>Its bytes and a zero, as system calls take them.</summary>
    public byte[] Terminated { get; }

    /// <summary>Its text; where the bytes are no UTF-8, those beyond ASCII are written <c>\x80</c> to <c>\xff</c>.</summary>
    public string Text { get; }

    public bool IsUtf8 { get; }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (var value in bytes)
        {
            if (value < 0x80) text.Append((char)value);
            else text.Append("\\x").Append(Convert.ToHexStringLower([value]));
        }

        return text.ToString();
    }
}

/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is, as the folder says; not every file system does.</param>
internal readonly record struct DirectoryEntry(EntryName Name, FileKind Kind);
