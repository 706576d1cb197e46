"""The dialect of OCPP 1.6: what its stations say and are asked, in the nouns of 2.x. Connector n is EVSE n."""
