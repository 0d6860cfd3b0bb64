using System.Text;

namespace Relier.Rating;

/// <summary>The lines of a text in UTF-8, one after the other; they end in LF or CRLF. A byte order mark is passed over, empty lines are passed over and counted.</summary>
internal sealed class LineReader(Stream stream) : IDisposable
{
    /// <summary>More than any call has.</summary>
    public const int LongestLine = 16 * 1024;

    private readonly StreamReader _reader = new(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024, leaveOpen: true);
    private readonly char[] _buffer = new char[4 * LongestLine];
    private int _next; // what follows has not been given out
    private int _searched; // up to here there is no end of a line
    private int _filled;
    private bool _isAtEnd;
    private bool _isPassingOver;
    private (int From, int Length) _line;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The line, until the next one is read; empty when it is too long.</summary>
    public ReadOnlySpan<char> Text => _buffer.AsSpan(_line.From, _line.Length);

    /// <summary>Whether the line has more than <see cref="LongestLine"/> characters.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Goes to the next line that is not empty; false at the end.</summary>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = _buffer.AsSpan(_searched, _filled - _searched).IndexOf('\n');
            if (found < 0 && !_isAtEnd)
            {
                _searched = _filled;
                await FillAsync(cancellationToken);
                continue;
            }

            if (found < 0 && _next == _filled && !_isPassingOver) return false;
            Take(found < 0 ? _filled : _searched + found, found < 0 ? 0 : 1);
            if (IsTooLong || _line.Length > 0) return true;
        }
    }

    public void Dispose() => _reader.Dispose();

    private void Take(int end, int breakLength)
    {
        Line++;
        IsTooLong = _isPassingOver || end - _next > LongestLine;
        var length = end > _next && _buffer[end - 1] == '\r' ? end - 1 - _next : end - _next;
        _line = IsTooLong ? default : (_next, length);
        _isPassingOver = false;
        _next = _searched = end + breakLength;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_filled - _next > LongestLine)
        {
            _isPassingOver = true;
            _next = _filled;
        }

        _buffer.AsSpan(_next, _filled - _next).CopyTo(_buffer);
        (_next, _filled) = (0, _filled - _next);
        _searched = _filled;
        var read = await _reader.ReadAsync(_buffer.AsMemory(_filled), cancellationToken);
        _filled += read;
        _isAtEnd = read == 0;
    }
}
