import json
import sys

import pydantic_monty as monty

code = json.loads(sys.argv[1])
limits = {"max_feed_duration_secs": 5.0, "max_memory": 1 << 27, "max_recursion_depth": 500}
printed = monty.CollectString()
said = {"value": None, "error": None, "wants": None}
with monty.Monty() as pool, pool.checkout(limits=limits) as session:
    try:
        said["value"] = session.feed_run(code, print_callback=printed)
    except monty.MontyError as error:
        said["error"] = str(error)
said["printed"] = printed.output[:20000]
print(json.dumps(said, default=str))
