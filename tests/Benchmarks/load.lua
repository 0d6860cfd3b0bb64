-- Orders of top-ups, each with a reference of its own, spread over the keys in a file and over 10,000 phones.
-- wrk ... -s load.lua -- RUN KEYS
local run, keys, heads, count

function init(args)
  run = args[1]
  keys = {}
  for line in io.lines(args[2]) do keys[#keys + 1] = line end
  heads = {}
  for i, key in ipairs(keys) do
    heads[i] = "POST /api/v1/topups HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: " .. key
      .. "\r\nContent-Type: application/json\r\nPrefer: respond-async\r\nContent-Length: "
  end
  count = 0
end

function request()
  count = count + 1
  local body = '{"phone":"551234' .. string.sub(count % 10000 + 10000, 2) .. '","amount":"20","reference":"' .. run .. "-" .. count .. '"}'
  return heads[count % #heads + 1] .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
